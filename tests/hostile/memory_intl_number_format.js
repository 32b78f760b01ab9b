// SPDX-License-Identifier: MIT
// Formats of numbers, each of which holds native memory that is not in the heap.
// expect: memory|heap
// limits: memory=48M;turn-cpu=15s
const list = [];
for (let i = 0; ; i++) {
    list.push(new Intl.NumberFormat("ar-EG", { style: "currency", currency: "EUR", minimumFractionDigits: i % 20 }));
}
