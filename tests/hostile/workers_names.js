// SPDX-License-Identifier: MIT
// Names and addresses of many megabytes.
// expect: closed|memory|heap
// limits: memory=128M;turn-cpu=10s
// loses: thread
// peak: 700
const long = "n".repeat(2 ** 23);
for (const start of [
    () => new Worker("data:text/javascript,0", { name: long }),
    () => new Worker(`data:text/javascript,/*${long}*/0`),
    () => new Worker(long),
    () => new Worker("data:text/javascript,0", { name: "\0\ud800" }),
]) {
    try {
        start().onerror = (e) => e.preventDefault();
    } catch {
        // Refused.
    }
}
setTimeout(() => close(), 200);
