// SPDX-License-Identifier: MIT
// A promise that resolves with one that resolves with one, a million times.
// expect: closed|memory|heap
// limits: memory=512M;turn-cpu=10s
let p = Promise.resolve(1);
for (let i = 0; i < 1e6; i++) {
    const inner = p;
    p = new Promise((resolve) => resolve(inner));
}
if ((await p) !== 1) {
    throw new Error("lost");
}
close();
