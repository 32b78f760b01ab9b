// SPDX-License-Identifier: MIT
// A finalizer that loops.
// expect: turn-cpu|cpu
// limits: memory=32M;turn-cpu=300ms;cpu=10s
const registry = new FinalizationRegistry(() => {
    for (;;);
});
setInterval(() => {
    for (let i = 0; i < 1000; i++) {
        registry.register(new Array(100), i);
    }
});
