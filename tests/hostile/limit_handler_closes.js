// SPDX-License-Identifier: MIT
// Ends itself when it is told, in the middle of a loop.
// expect: closed|turn-cpu
// limits: turn-cpu=300ms
addEventListener("limit", () => cay.exit(9));
for (;;);
