// SPDX-License-Identifier: MIT
// Uncaught exceptions of all kinds, some of which are costly to show.
// expect: closed
// limits: memory=128M;turn-cpu=10s
// uncaught: report
const values = [
    undefined, null, 0n, Symbol("s"), () => {}, new Proxy({}, {}), Object.create(null), "x".repeat(2 ** 24), new Uint8Array(1e6),
    Object.assign(new Error("e"), { message: { toString() { throw 1; } } }), Object.defineProperty(new Error("e"), "stack", { get() { throw 2; } }),
    { toString: () => "x".repeat(2 ** 20) }, new Error("a\0b\ud800"), Object.assign(new Error("e"), { name: Symbol("n") }),
];
addEventListener("error", () => {
    throw new Error("in the handler");
});
values.forEach((value) => {
    setTimeout(() => {
        throw value;
    });
    Promise.reject(value);
    reportError(value);
});
setTimeout(() => close(), 50);
