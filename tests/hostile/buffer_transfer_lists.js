// SPDX-License-Identifier: MIT
// Transfer lists with the same thing twice, with what cannot be moved, and that change themselves.
// expect: closed
// limits: turn-cpu=5s
let refused = 0;
const b = () => new ArrayBuffer(8);
const same = b();
const gone = b();
structuredClone(gone, { transfer: [gone] });
const list = [b(), b()];
Object.defineProperty(list, 1, { get() { list.length = 0; return b(); }, configurable: true });
for (const [value, transfer] of [
    [0, [same, same]], [gone, [gone]], [0, [{}]], [0, [null]], [0, [new Uint8Array(4)]], [0, [Symbol("x")]], [0, 5],
    [0, { length: 2 ** 32 }], [0, new Proxy([], { get() { throw new RangeError("trap"); } })], [() => {}, [b()]], [0, list],
]) {
    try {
        structuredClone(value, { transfer });
    } catch {
        refused++;
    }
}
if (refused < 9) {
    throw new Error(`refused ${refused}`);
}
close();
