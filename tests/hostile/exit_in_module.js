// SPDX-License-Identifier: MIT
// Ends itself in a module that another one imports.
// expect: closed
// limits: turn-cpu=2s
await import("data:text/javascript,cay.exit()");
throw new Error("it went on");
