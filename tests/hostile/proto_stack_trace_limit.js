// SPDX-License-Identifier: MIT
// All frames of a deep recursion, ten thousand times.
// expect: turn-cpu|memory|heap|lost
// limits: memory=64M;turn-cpu=500ms
// loses: thread
Error.stackTraceLimit = Infinity;
const f = (n) => {
    if (n > 0) {
        f(n - 1);
    }
    for (let i = 0; n === 0 && i < 10000; i++) {
        globalThis.last = new Error("deep");
    }
};
for (;;) {
    f(4000);
}
