// SPDX-License-Identifier: MIT
// Every global replaced by a proxy whose traps throw.
// expect: closed
// limits: turn-cpu=5s
// uncaught: report
const end = close;
const later = setTimeout;
const { port1, port2 } = new MessageChannel();
const bad = new Proxy(() => {}, new Proxy({}, {
    get: () => () => {
        throw new Error("trapped");
    },
}));
const { getOwnPropertyNames, defineProperty } = Object;
for (const key of getOwnPropertyNames(globalThis)) {
    try {
        defineProperty(globalThis, key, { value: bad, configurable: true, writable: true });
    } catch {
        // Infinity, NaN and undefined.
    }
}
port1.onmessage = () => later(() => end(), 10);
port2.postMessage([{ a: 1 }]);
