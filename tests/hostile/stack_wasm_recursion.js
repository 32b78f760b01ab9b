// SPDX-License-Identifier: MIT
// (module (func $f (export "f") (call $f))): a RangeError in WebAssembly too.
// expect: closed
// limits: turn-cpu=5s
// grants: wasm
const bytes = new Uint8Array([
    0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00,
    0x01, 0x04, 0x01, 0x60, 0x00, 0x00,
    0x03, 0x02, 0x01, 0x00,
    0x07, 0x05, 0x01, 0x01, 0x66, 0x00, 0x00,
    0x0a, 0x06, 0x01, 0x04, 0x00, 0x10, 0x00, 0x0b,
]);
const { f } = new WebAssembly.Instance(new WebAssembly.Module(bytes)).exports;
for (let i = 0; i < 20; i++) {
    try {
        f();
        throw new Error("it returned");
    } catch (e) {
        if (!(e instanceof RangeError)) {
            throw e;
        }
    }
}
close();
