// SPDX-License-Identifier: MIT
// Specifiers that are no strings, or no URLs.
// expect: closed
// limits: turn-cpu=5s
let refused = 0;
let reads = 0;
const changing = { toString: () => (reads++ ? "data:text/javascript,throw 1" : "data:text/javascript,0") };
await import(changing);
for (const what of [Symbol("x"), { toString() { throw 1; } }, "\0", "data:", "\ud800", "file:///proc/self/mem", "blob:x", "cay:x", "x".repeat(1e6), ""]) {
    await Promise.resolve().then(() => import(what)).catch(() => {
        refused++;
    });
}
if (refused !== 10 || reads !== 1) {
    throw new Error(`refused ${refused}, read ${reads}`);
}
close();
