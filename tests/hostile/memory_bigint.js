// SPDX-License-Identifier: MIT
// Integers of 8 MB.
// expect: memory|heap
// limits: memory=32M;turn-cpu=10s
// loses: thread
const list = [];
for (let i = 0n; ; i++) {
    list.push((1n << 67108864n) + i);
}
