// SPDX-License-Identifier: MIT
// Throws when asked to, answers otherwise.
onmessage = ({ data }) => {
    if (data === "throw") {
        throw new RangeError("on purpose");
    }
    postMessage("still here");
};
