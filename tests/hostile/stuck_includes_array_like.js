// SPDX-License-Identifier: MIT
// includes over an object that says it has 2^53 elements.
// expect: lost|turn-cpu
// limits: turn-cpu=300ms
// loses: thread
Array.prototype.includes.call({ length: 2 ** 53 - 1 }, 1);
