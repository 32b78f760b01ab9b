// SPDX-License-Identifier: MIT
// Microtasks queued without end, none of which ever runs.
// expect: memory|heap
// limits: memory=32M;turn-cpu=10s
// loses: thread
for (;;) {
    queueMicrotask(() => {});
}
