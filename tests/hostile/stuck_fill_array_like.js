// SPDX-License-Identifier: MIT
// fill of an object that says it has 2^53 elements.
// expect: lost|turn-cpu|memory|heap
// limits: memory=32M;turn-cpu=500ms
// loses: thread
Array.prototype.fill.call({ length: 2 ** 53 - 1 }, 0);
