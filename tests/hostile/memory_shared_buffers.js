// SPDX-License-Identifier: MIT
// Shared memory counts as any other.
// expect: closed|memory
// limits: memory=32M;turn-cpu=10s
// grants: shared-memory;wasm
const list = [];
let refused = 0;
for (const make of [
    () => new SharedArrayBuffer(2 ** 22), () => new WebAssembly.Memory({ initial: 64, maximum: 64, shared: true }).buffer,
]) {
    try {
        while (list.length < 400) {
            list.push(make());
            new Uint8Array(list[list.length - 1]).fill(1);
        }
    } catch (e) {
        if (!(e instanceof RangeError)) {
            throw e;
        }
        refused++;
    }
}
if (refused !== 2 || list.length > 20) {
    throw new Error(`${list.length * 4} MB with a limit of 32`);
}
close();
