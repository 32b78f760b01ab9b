// SPDX-License-Identifier: MIT
// A hundred thousand operations at once: those above the limit are refused.
// expect: closed|memory
// limits: memory=64M;turn-cpu=10s;ops=500
// within: 30
let refused = 0;
const all = [];
const bytes = new Uint8Array(20000);
for (let i = 0; i < 20000; i++) {
    try {
        all.push(crypto.subtle.digest("SHA-256", bytes).catch(() => {
            refused++;
        }));
    } catch {
        refused++;
    }
}
await Promise.all(all);
if (refused === 0) {
    throw new Error("none was refused");
}
await crypto.subtle.digest("SHA-256", bytes);
close();
