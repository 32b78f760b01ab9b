// SPDX-License-Identifier: MIT
// Shared memory is changed while it is digested, cloned and read as a body.
// expect: closed
// limits: memory=128M;turn-cpu=10s
// grants: shared-memory
const shared = new Uint8Array(new SharedArrayBuffer(2 ** 20));
const source = "onmessage = (e) => { const b = new Uint8Array(e.data); for (;;) { for (let i = 0; i < b.length; i += 64) b[i]++; } }";
const w = new Worker(`data:text/javascript,${encodeURIComponent(source)}`, { cay: { permissions: "inherit" } });
w.onerror = (e) => e.preventDefault();
try {
    w.postMessage(shared.buffer);
} catch {
    // It does not go to another worker.
}
for (let i = 0; i < 50; i++) {
    for (const use of [
        () => crypto.subtle.digest("SHA-256", shared), () => new Blob([shared]).text(), () => structuredClone(shared),
        () => new Response(shared).text(), () => crypto.getRandomValues(shared.subarray(0, 1000)),
    ]) {
        try {
            await use();
        } catch {
            // Refused.
        }
    }
}
close();
