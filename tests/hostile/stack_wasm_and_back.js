// SPDX-License-Identifier: MIT
// (module (import "m" "f" (func)) (func (export "g") (call 0))): WebAssembly and JavaScript call each other.
// expect: closed
// limits: turn-cpu=5s
// grants: wasm
const bytes = new Uint8Array([
    0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00,
    0x01, 0x04, 0x01, 0x60, 0x00, 0x00,
    0x02, 0x07, 0x01, 0x01, 0x6d, 0x01, 0x66, 0x00, 0x00,
    0x03, 0x02, 0x01, 0x00,
    0x07, 0x05, 0x01, 0x01, 0x67, 0x00, 0x01,
    0x0a, 0x06, 0x01, 0x04, 0x00, 0x10, 0x00, 0x0b,
]);
let depth = 0;
const f = () => {
    depth++;
    structuredClone({ get a() { g(); return 1; } });
};
const { g } = new WebAssembly.Instance(new WebAssembly.Module(bytes), { m: { f } }).exports;
try {
    g();
    throw new Error("it returned");
} catch (e) {
    if (!(e instanceof RangeError) && e.name !== "DataCloneError") {
        throw e;
    }
}
if (depth < 20) {
    throw new Error(`reached ${depth}`);
}
close();
