// SPDX-License-Identifier: MIT
// Error.prepareStackTrace that loops, when an error is told to the host.
// expect: turn-cpu|main-module
// limits: turn-cpu=300ms
Error.prepareStackTrace = () => {
    for (;;);
};
throw new Error("told");
