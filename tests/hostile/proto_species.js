// SPDX-License-Identifier: MIT
// Arrays, promises and buffers that say what their copies are made of.
// expect: closed|turn-cpu
// limits: turn-cpu=5s
// uncaught: report
class Evil {
    constructor(run) {
        run?.(() => {}, () => {});
        for (let i = 0; i < 1e5; i++);
    }
}
for (const C of [Array, Map, Set, ArrayBuffer, Promise, RegExp, Object.getPrototypeOf(Uint8Array)]) {
    Object.defineProperty(C, Symbol.species, { get: () => Evil, configurable: true });
}
structuredClone([1, new Map([[1, 2]]), new Uint8Array(4)]);
new Blob([new Uint8Array(4)]).arrayBuffer();
new Response("x").text();
crypto.subtle.digest("SHA-1", new Uint8Array(4));
fetch("data:,x");
setTimeout(() => close(), 100);
