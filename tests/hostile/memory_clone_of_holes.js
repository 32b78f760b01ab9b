// SPDX-License-Identifier: MIT
// A sparse array of four thousand million holes does not become a dense one.
// expect: closed|memory|heap|main-module
// limits: memory=32M;turn-cpu=5s
// loses: thread
const sparse = [1];
sparse[4294967290] = 2;
let refused = 0;
for (const value of [sparse, new Array(1e8), { length: 2 ** 53 - 1, 0: 1 }]) {
    try {
        structuredClone(value);
    } catch {
        refused++;
    }
}
close();
