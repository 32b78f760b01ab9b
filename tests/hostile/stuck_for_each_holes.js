// SPDX-License-Identifier: MIT
// forEach, every and reduce call nobody when there is nothing.
// expect: lost|turn-cpu
// limits: turn-cpu=300ms
// loses: thread
new Array(2 ** 32 - 1).forEach(() => {});
