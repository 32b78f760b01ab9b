// SPDX-License-Identifier: MIT
// Ends itself while the stack of its error is made.
// expect: closed|main-module
// limits: turn-cpu=2s
Error.prepareStackTrace = () => cay.exit();
throw new Error("told");
