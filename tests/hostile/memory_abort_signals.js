// SPDX-License-Identifier: MIT
// Signals that depend on signals, with listeners.
// expect: memory|heap|turn-cpu
// limits: memory=32M;turn-cpu=10s
const root = new AbortController();
const list = [root.signal];
for (;;) {
    const signal = AbortSignal.any([root.signal, list[list.length - 1]]);
    signal.addEventListener("abort", () => {});
    list.push(signal);
}
