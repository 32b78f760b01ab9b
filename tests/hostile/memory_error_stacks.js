// SPDX-License-Identifier: MIT
// Errors, each with a stack of hundreds of frames.
// expect: memory|heap
// limits: memory=32M;turn-cpu=10s
// not-under: asan
Error.stackTraceLimit = 200;
const list = [];
const deep = (n) => (n === 0 ? list.push(new Error(`number ${list.length}`).stack) : deep(n - 1) + 1);
for (;;) {
    deep(200);
}
