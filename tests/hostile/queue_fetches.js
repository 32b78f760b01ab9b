// SPDX-License-Identifier: MIT
// A hundred thousand fetches, of which nobody reads the answer.
// expect: closed|memory|heap|turn-cpu
// limits: memory=64M;turn-cpu=5s
// peak: 300
const url = URL.createObjectURL(new Blob(["x".repeat(1000)]));
let failed = 0;
const all = [];
for (let i = 0; i < 20000; i++) {
    all.push(fetch(i % 2 ? url : "data:,x").catch(() => {
        failed++;
    }));
}
await Promise.all(all);
close();
