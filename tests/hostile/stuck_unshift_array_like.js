// SPDX-License-Identifier: MIT
// unshift of the same.
// expect: lost|turn-cpu
// limits: turn-cpu=300ms
// loses: thread
Array.prototype.unshift.call({ length: 2 ** 53 - 2 }, 1);
