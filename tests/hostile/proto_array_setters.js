// SPDX-License-Identifier: MIT
// Setters for the indices of arrays see nothing of the glue's.
// expect: closed
// limits: turn-cpu=10s
// uncaught: report
let seen = 0;
for (let i = 0; i < 50; i++) {
    Object.defineProperty(Array.prototype, i, {
        __proto__: null,
        configurable: true,
        get() {
            seen++;
            return undefined;
        },
        set() {
            seen++;
        },
    });
}
const { port1, port2 } = new MessageChannel();
port2.onmessage = () => {
    if (seen > 0) {
        throw new Error(`saw ${seen}`);
    }
    close();
};
const c = new AbortController();
AbortSignal.any([c.signal]);
c.abort();
new Response("text").text();
new Headers().append("a", "b");
new URLSearchParams("a=1&b=2").sort();
new Blob([]).slice(0, 1);
queueMicrotask(() => {});
setTimeout(() => {}, 0, 1, 2, 3);
port1.postMessage({ a: 1 });
