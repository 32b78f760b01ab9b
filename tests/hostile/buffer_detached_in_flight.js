// SPDX-License-Identifier: MIT
// Buffers are sent away while operations that were given them are under way.
// expect: closed
// limits: memory=128M;turn-cpu=10s
const { port1, port2 } = new MessageChannel();
port2.start();
const all = [];
let failed = 0;
for (let i = 0; i < 50; i++) {
    const bytes = new Uint8Array(2 ** 18).fill(i);
    all.push(crypto.subtle.digest("SHA-256", bytes).catch(() => failed++));
    all.push(new Blob([bytes]).arrayBuffer().catch(() => failed++));
    all.push(new Response(bytes).arrayBuffer().catch(() => failed++));
    try {
        port1.postMessage(0, [bytes.buffer]);
    } catch {
        failed++;
    }
}
await Promise.all(all);
if (failed > 50) {
    throw new Error(`${failed} failed`);
}
close();
