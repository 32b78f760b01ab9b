// SPDX-License-Identifier: MIT
// Thousands of digests of 8 MB at once: each has a copy of its input in flight.
// expect: closed|memory
// limits: memory=64M;turn-cpu=10s
// within: 40
const bytes = new Uint8Array(2 ** 23);
const all = [];
let refused = 0;
for (let i = 0; i < 1000; i++) {
    try {
        all.push(crypto.subtle.digest("SHA-512", bytes).catch(() => {
            refused++;
        }));
    } catch {
        refused++;
    }
}
await Promise.all(all);
if (refused === 0) {
    throw new Error("8 GB in flight, and none was refused");
}
close();
