// SPDX-License-Identifier: MIT
// A proxy that is its own prototype.
// expect: turn-cpu|closed
// limits: turn-cpu=300ms
const p = new Proxy({}, { getPrototypeOf: () => p, has: (t, k) => k in p });
let refused = 0;
for (const look of [() => "x" in p, () => p instanceof Map, () => Object.prototype.isPrototypeOf.call({}, p)]) {
    try {
        look();
    } catch (e) {
        refused += e instanceof RangeError;
    }
}
close();
