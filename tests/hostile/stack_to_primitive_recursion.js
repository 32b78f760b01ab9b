// SPDX-License-Identifier: MIT
// Conversions that convert themselves.
// expect: closed
// limits: turn-cpu=5s
const o = { toString: () => `${o}`, valueOf: () => +o, [Symbol.toPrimitive]: () => o + 1, toJSON: () => JSON.stringify(o) };
let refused = 0;
for (const use of [() => String(o), () => +o, () => JSON.stringify(o), () => new URL(o), () => setTimeout(() => {}, o), () => new Date(o)]) {
    try {
        use();
    } catch (e) {
        refused += e instanceof RangeError;
    }
}
if (refused !== 6) {
    throw new Error(`refused ${refused}`);
}
close();
