// SPDX-License-Identifier: MIT
// indexOf over four thousand million holes: V8 looks at no request to end on its way.
// expect: lost|turn-cpu
// limits: turn-cpu=300ms
// loses: thread
new Array(2 ** 32 - 1).indexOf(1);
