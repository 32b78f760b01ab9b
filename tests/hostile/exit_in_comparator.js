// SPDX-License-Identifier: MIT
// Ends itself in the comparator of a sort.
// expect: closed
// limits: turn-cpu=2s
[3, 2, 1].sort(() => cay.exit());
throw new Error("it went on");
