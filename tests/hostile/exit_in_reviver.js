// SPDX-License-Identifier: MIT
// Ends itself in a reviver.
// expect: closed
// limits: turn-cpu=2s
JSON.parse("[1,[2,[3]]]", () => cay.exit());
throw new Error("it went on");
