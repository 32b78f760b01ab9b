// SPDX-License-Identifier: MIT
// Modules without end: (module (func (export "f"))) with a section of its own in each, so that none is shared.
// expect: memory|heap|turn-cpu
// limits: memory=64M;turn-cpu=3s
// not-under: asan
// grants: wasm
// peak: 600
const head = [
    0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00,
    0x01, 0x04, 0x01, 0x60, 0x00, 0x00,
    0x03, 0x02, 0x01, 0x00,
    0x07, 0x05, 0x01, 0x01, 0x66, 0x00, 0x00,
    0x0a, 0x04, 0x01, 0x02, 0x00, 0x0b,
];
const list = [];
for (let i = 0; ; i++) {
    // A custom section named "i" with four bytes.
    const own = [0x00, 0x06, 0x01, 0x69, i & 255, (i >> 8) & 255, (i >> 16) & 255, 0];
    list.push(new WebAssembly.Instance(new WebAssembly.Module(new Uint8Array([...head, ...own]))));
}
