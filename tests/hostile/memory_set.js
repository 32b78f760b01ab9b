// SPDX-License-Identifier: MIT
// Sets that grow.
// expect: memory|heap
// limits: memory=32M;turn-cpu=10s
// not-under: asan
// loses: thread
const sets = new Set();
for (;;) {
    const set = new Set();
    for (let i = 0; i < 5000; i++) {
        set.add(`${i}`);
    }
    sets.add(set);
}
