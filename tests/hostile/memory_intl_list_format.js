// SPDX-License-Identifier: MIT
// Formats of lists, each of which holds native memory that is not in the heap.
// expect: memory|heap
// limits: memory=48M;turn-cpu=15s
// not-under: asan
const list = [];
for (let i = 0; ; i++) {
    list.push(new Intl.ListFormat("en", { style: i % 2 ? "long" : "short" }));
}
