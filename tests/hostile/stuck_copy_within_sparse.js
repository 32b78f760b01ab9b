// SPDX-License-Identifier: MIT
// copyWithin of holes.
// expect: lost|turn-cpu
// limits: turn-cpu=300ms
// loses: thread
new Array(2 ** 32 - 1).copyWithin(0, 1);
