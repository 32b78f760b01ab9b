// SPDX-License-Identifier: MIT
// Memories of 16 MB, each written to.
// expect: memory|closed
// limits: memory=32M;turn-cpu=10s
// grants: wasm
const list = [];
try {
    for (let i = 0; i < 200; i++) {
        const memory = new WebAssembly.Memory({ initial: 256 });
        new Uint8Array(memory.buffer).fill(1);
        list.push(memory);
    }
} catch (e) {
    if (!(e instanceof RangeError)) {
        throw e;
    }
}
if (list.length > 4) {
    throw new Error(`${list.length} memories of 16 MB with a limit of 32`);
}
close();
