// SPDX-License-Identifier: MIT
// lastIndexOf over as many.
// expect: lost|turn-cpu
// limits: turn-cpu=300ms
// loses: thread
new Array(2 ** 32 - 1).lastIndexOf(1);
