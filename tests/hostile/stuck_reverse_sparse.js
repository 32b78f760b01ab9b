// SPDX-License-Identifier: MIT
// reverse of an array of holes.
// expect: lost|turn-cpu
// limits: turn-cpu=300ms
// loses: thread
const list = new Array(2 ** 32 - 1);
list[5] = 1;
list.reverse();
