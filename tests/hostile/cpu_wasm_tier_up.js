// SPDX-License-Identifier: MIT
// (module (func (export "f") (param i32) (result i32) ...)) with a sum of three hundred thousand terms, called until the
// optimizing compiler takes it up, on a thread that belongs to all workers.
// expect: turn-cpu|memory|heap|lost
// limits: memory=256M;turn-cpu=2s
// grants: wasm
// loses: thread
// peak: 1500
const terms = 300000;
const leb = (n) => {
    const out = [];
    for (; out.push((n & 127) | (n > 127 ? 128 : 0)), n > 127; n >>= 7);
    return out;
};
// local.get 0, then (local.get 0, i32.const 5, i32.mul, i32.xor) for each term.
const size = 1 + 2 + terms * 6 + 1;
const length = leb(size);
const head = [
    0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00,
    0x01, 0x06, 0x01, 0x60, 0x01, 0x7f, 0x01, 0x7f,
    0x03, 0x02, 0x01, 0x00,
    0x07, 0x05, 0x01, 0x01, 0x66, 0x00, 0x00,
    0x0a, ...leb(1 + length.length + size), 0x01, ...length, 0x00, 0x20, 0x00,
];
const bytes = new Uint8Array(head.length + terms * 6 + 1);
bytes.set(head);
for (let i = 0; i < terms; i++) {
    bytes.set([0x20, 0x00, 0x41, 0x05, 0x6c, 0x73], head.length + i * 6);
}
bytes[bytes.length - 1] = 0x0b;
const { f } = new WebAssembly.Instance(new WebAssembly.Module(bytes)).exports;
for (let i = 0; ; i++) {
    f(i);
}
