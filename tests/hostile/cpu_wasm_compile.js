// SPDX-License-Identifier: MIT
// One function of two million instructions, (func (drop (i32.const 0)) ...), compiled again and again.
// expect: turn-cpu|memory|heap|lost
// limits: memory=256M;turn-cpu=500ms
// grants: wasm
// loses: thread
// peak: 1500
const body = 6e6;
const leb = (n) => {
    const out = [];
    for (; out.push((n & 127) | (n > 127 ? 128 : 0)), n > 127; n >>= 7);
    return out;
};
const inner = leb(body + 2);
const head = [
    0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00,
    0x01, 0x04, 0x01, 0x60, 0x00, 0x00,
    0x03, 0x02, 0x01, 0x00,
    0x0a, ...leb(body + 2 + inner.length + 1), 0x01, ...inner, 0x00,
];
const bytes = new Uint8Array(head.length + body + 1);
bytes.set(head);
for (let i = 0; i < body; i += 3) {
    bytes.set([0x41, 0x00, 0x1a], head.length + i);
}
bytes[bytes.length - 1] = 0x0b;
for (;;) {
    bytes[head.length + 1] ^= 1;
    new WebAssembly.Module(bytes);
}
