// SPDX-License-Identifier: MIT
// join of an array of holes.
// expect: lost|turn-cpu|memory|heap|main-module
// limits: memory=64M;turn-cpu=300ms
// loses: thread
// peak: 900
const list = new Array(2 ** 32 - 1);
list[2 ** 31] = "x";
list.join("");
