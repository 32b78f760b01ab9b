// SPDX-License-Identifier: MIT
// A WebAssembly memory grows, and so moves, while its bytes are being read by whatever takes bytes.
// expect: closed
// limits: memory=128M;turn-cpu=10s
// grants: wasm
const memory = new WebAssembly.Memory({ initial: 1 });
let taken = 0;
const grow = () => memory.grow(1);
for (const use of [
    (b) => postMessage({ b, get x() { grow(); return b; } }),
    (b) => structuredClone({ get x() { grow(); return b; }, b }),
    (b) => new Blob([b, { toString() { grow(); return ""; } }, b]),
    (b) => crypto.subtle.digest({ get name() { grow(); return "SHA-1"; } }, b),
    (b) => crypto.getRandomValues(b),
    (b) => structuredClone(b, { transfer: [b.buffer] }),
    (b) => postMessage(0, [b.buffer]),
    (b) => new Response(b).text(),
]) {
    const bytes = new Uint8Array(memory.buffer);
    try {
        await use(bytes);
        taken++;
    } catch {
        // Refused.
    }
    grow();
}
close();
