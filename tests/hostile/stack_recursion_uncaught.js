// SPDX-License-Identifier: MIT
// The error of a deep recursion that nobody catches, with a stack of everything.
// expect: main-module
// limits: turn-cpu=5s
Error.stackTraceLimit = Infinity;
const f = (n) => f(n + 1) + 1;
f(0);
