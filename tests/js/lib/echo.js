// SPDX-License-Identifier: MIT
// Answers each message with what it knows.
onmessage = (event) => {
    postMessage({ name: self.name, got: event.data, file: location.pathname.split("/").pop() });
};
