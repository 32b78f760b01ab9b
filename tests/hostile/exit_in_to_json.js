// SPDX-License-Identifier: MIT
// Ends itself in toJSON.
// expect: closed
// limits: turn-cpu=2s
JSON.stringify([1, { toJSON: () => cay.exit() }, 2]);
throw new Error("it went on");
