// SPDX-License-Identifier: MIT
// (module (func (block (block ... (block nop)...)))), a hundred thousand deep.
// expect: closed|turn-cpu|lost
// limits: memory=128M;turn-cpu=5s
// grants: wasm
// loses: thread
const depth = 100000;
const leb = (n) => {
    const out = [];
    for (; out.push((n & 127) | (n > 127 ? 128 : 0)), n > 127; n >>= 7);
    return out;
};
for (const kind of [0x02, 0x03]) {
    const size = 1 + depth * 3 + 1 + 1;
    const length = leb(size);
    const bytes = new Uint8Array([
        0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00,
        0x01, 0x04, 0x01, 0x60, 0x00, 0x00,
        0x03, 0x02, 0x01, 0x00,
        0x07, 0x05, 0x01, 0x01, 0x66, 0x00, 0x00,
        0x0a, ...leb(1 + length.length + size), 0x01, ...length, 0x00,
        ...Array.from({ length: depth * 2 }, (_, i) => (i % 2 ? 0x40 : kind)), 0x01,
        ...new Array(depth).fill(0x0b), 0x0b,
    ]);
    try {
        new WebAssembly.Instance(new WebAssembly.Module(bytes)).exports.f();
    } catch (e) {
        if (!(e instanceof WebAssembly.CompileError) && !(e instanceof RangeError)) {
            throw e;
        }
    }
}
close();
