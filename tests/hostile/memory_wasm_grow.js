// SPDX-License-Identifier: MIT
// A WebAssembly memory that grows as far as it is let.
// expect: memory|closed
// limits: memory=32M;turn-cpu=10s
// grants: wasm
const memory = new WebAssembly.Memory({ initial: 1 });
let pages = 1;
try {
    for (; pages < 4096; pages++) {
        memory.grow(1);
        new Uint8Array(memory.buffer, pages * 65536, 65536).fill(1);
    }
} catch (e) {
    if (!(e instanceof RangeError)) {
        throw e;
    }
}
if (pages > 1024) {
    throw new Error(`grew to ${pages} pages with a limit of 512`);
}
close();
