// SPDX-License-Identifier: MIT
// Async functions that wait for one another.
// expect: memory|heap
// limits: memory=32M;turn-cpu=10s
globalThis.first = new Promise(() => {});
let last = globalThis.first;
const chain = async (p) => {
    await p;
    return 1;
};
for (;;) {
    last = chain(last);
}
