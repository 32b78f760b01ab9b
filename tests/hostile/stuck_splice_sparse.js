// SPDX-License-Identifier: MIT
// splice at the front of an array of holes.
// expect: lost|turn-cpu|closed|memory|heap|main-module
// limits: memory=64M;turn-cpu=300ms
// loses: thread
const list = { length: 2 ** 53 - 10, 0: 1 };
Array.prototype.splice.call(list, 0, 1, 2, 3);
throw new Error("it returned");
