// SPDX-License-Identifier: MIT
// Ends with digests, fetches, imports, streams and timers under way.
// expect: closed
// limits: memory=128M;turn-cpu=5s;workers=40
const bytes = new Uint8Array(2 ** 20);
for (let i = 0; i < 20; i++) {
    crypto.subtle.digest("SHA-512", bytes);
    fetch("data:,x").then((r) => r.text());
    import(`data:text/javascript,await new Promise(() => {}); ${i}`);
    new Response(new Blob([bytes])).arrayBuffer();
    setTimeout(() => {}, i);
    new Worker("data:text/javascript,for (;;);").onerror = () => {};
}
cay.exit(1);
