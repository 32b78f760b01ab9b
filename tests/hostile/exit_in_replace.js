// SPDX-License-Identifier: MIT
// Ends itself in a replacement function.
// expect: closed
// limits: turn-cpu=2s
"abc".replace(/./g, () => cay.exit());
throw new Error("it went on");
