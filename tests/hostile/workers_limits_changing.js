// SPDX-License-Identifier: MIT
// Limits that change while they are read, and those that Object.prototype would grant.
// expect: closed
// limits: memory=64M;timers=10
// says: 10
let reads = 0;
const limits = {
    get timers() {
        reads++;
        return reads === 1 ? 10 : 10000;
    },
};
for (const key of ["memory", "timers", "limits", "cay", "permissions", "workers"]) {
    Object.defineProperty(Object.prototype, key, { get: () => 1e15, set() {}, configurable: true });
}
const w = new Worker(`data:text/javascript,${encodeURIComponent(`
    let n = 0;
    try { for (;; n++) { setTimeout(() => {}, 1e6); } } catch { postMessage(n); }
`)}`, { __proto__: null, cay: { __proto__: null, limits } });
w.onmessage = (e) => {
    postMessage(e.data);
    close();
};
