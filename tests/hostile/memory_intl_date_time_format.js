// SPDX-License-Identifier: MIT
// Formats of dates: one 64 MB worker could take 6 GB with them, each of which holds native memory that is not in the heap.
// expect: memory|heap
// limits: memory=48M;turn-cpu=15s
const list = [];
for (let i = 0; ; i++) {
    list.push(new Intl.DateTimeFormat(`en-u-ca-${i % 2 ? "hebrew" : "islamic"}`, { dateStyle: "full", timeStyle: "long" }));
}
