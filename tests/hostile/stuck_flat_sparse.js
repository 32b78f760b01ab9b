// SPDX-License-Identifier: MIT
// flat of an array of holes.
// expect: lost|turn-cpu
// limits: turn-cpu=300ms
// loses: thread
new Array(2 ** 32 - 1).flat();
