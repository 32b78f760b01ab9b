// SPDX-License-Identifier: MIT
// Ends itself in the handler of an uncaught error.
// expect: closed
// limits: turn-cpu=2s
addEventListener("error", () => cay.exit());
setTimeout(() => {
    throw new Error("uncaught");
});
