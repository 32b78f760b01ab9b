// SPDX-License-Identifier: MIT
// A Map that grows.
// expect: memory|heap
// limits: memory=32M;turn-cpu=10s
// not-under: asan
// loses: thread
const map = new Map();
for (let i = 0; ; i++) {
    map.set(i, { i });
}
