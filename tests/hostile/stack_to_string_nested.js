// SPDX-License-Identifier: MIT
// Arrays in arrays, as text.
// expect: closed
// limits: memory=128M;turn-cpu=10s
let list = [];
for (let i = 0; i < 1e5; i++) {
    list = [list];
}
let refused = 0;
for (const use of [() => String(list), () => list.join(), () => list.flat(Infinity), () => `${list}`, () => list + ""]) {
    try {
        use();
    } catch (e) {
        refused += e instanceof RangeError;
    }
}
if (refused < 4) {
    throw new Error(`refused ${refused}`);
}
close();
