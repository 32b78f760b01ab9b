// SPDX-License-Identifier: MIT
// reduce looks for a first element.
// expect: lost|turn-cpu
// limits: turn-cpu=300ms
// loses: thread
new Array(2 ** 32 - 1).reduce((a, b) => a + b, 0);
