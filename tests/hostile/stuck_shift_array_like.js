// SPDX-License-Identifier: MIT
// shift of an object that says it has 2^53 elements.
// expect: lost|turn-cpu
// limits: turn-cpu=300ms
// loses: thread
Array.prototype.shift.call({ length: 2 ** 53 - 1 });
