// SPDX-License-Identifier: MIT
// Limits that are no numbers.
// expect: closed
// limits: memory=128M
let refused = 0;
const bad = [
    { memory: NaN }, { memory: -1 }, { memory: 1 }, { memory: "much" }, { memory: {} }, { memory: 1n << 200n }, { memory: Symbol("x") },
    { nothing: 1 }, { cpu: -5 }, { cpu: 0.5 }, { stack: 1 }, { depth: 1e9 }, { get memory() { throw new RangeError("mine"); } },
    new Proxy({}, { ownKeys() { throw new RangeError("mine"); } }), 5, "all", () => {},
];
for (const limits of bad) {
    try {
        new Worker("data:text/javascript,0", { cay: { limits } });
    } catch {
        refused++;
    }
}
if (refused < 15) {
    throw new Error(`refused ${refused} of ${bad.length}`);
}
close();
