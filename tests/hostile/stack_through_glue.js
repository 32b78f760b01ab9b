// SPDX-License-Identifier: MIT
// Recursion through each function of the glue that calls the guest back.
// expect: closed
// limits: turn-cpu=10s
// uncaught: report
let depth = 0;
const ways = [
    (f) => {
        const t = new EventTarget();
        t.addEventListener("x", f);
        t.dispatchEvent(new Event("x"));
    },
    (f) => new URLSearchParams({ get a() { f(); return ""; } }),
    (f) => new Headers({ get a() { f(); return ""; } }),
    (f) => new Event("x", { get bubbles() { f(); return true; } }),
    (f) => postMessage({ get a() { f(); return 1; } }),
    (f) => structuredClone({ get a() { f(); return 1; } }),
    (f) => reportError({ get message() { f(); return ""; } }),
    (f) => console.log("%s", { toString() { f(); return ""; } }),
    (f) => new Blob([{ toString() { f(); return ""; } }]),
    (f) => new URL({ toString() { f(); return "a:b"; } }),
    (f) => {
        const c = new AbortController();
        c.signal.onabort = f;
        c.abort();
    },
    (f) => new ReadableStream({ start: f }),
    (f) => new WritableStream({ get start() { f(); return undefined; } }),
];
addEventListener("error", (e) => e.preventDefault());
for (const way of ways) {
    const recurse = () => {
        depth++;
        way(recurse);
    };
    try {
        recurse();
    } catch (e) {
        if (!(e instanceof RangeError) && e.name !== "DataCloneError") {
            throw e;
        }
    }
}
if (depth < 13 * 10) {
    throw new Error(`reached ${depth}`);
}
close();
