// SPDX-License-Identifier: MIT
// Ends itself in the handler of an unhandled rejection.
// expect: closed
// limits: turn-cpu=2s
addEventListener("unhandledrejection", () => cay.exit());
setTimeout(() => Promise.reject(new Error("unhandled")));
