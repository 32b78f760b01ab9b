// SPDX-License-Identifier: MIT
// Each microtask queues two.
// expect: memory|heap|turn-cpu
// limits: memory=32M;turn-cpu=10s
const breed = () => {
    queueMicrotask(breed);
    queueMicrotask(breed);
};
breed();
