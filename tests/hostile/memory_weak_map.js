// SPDX-License-Identifier: MIT
// A WeakMap whose keys are held, and WeakRefs, which live to the end of the turn.
// expect: memory|heap
// limits: memory=32M;turn-cpu=10s
// loses: thread
const map = new WeakMap();
const keys = [];
for (let i = 0; ; i++) {
    const key = {};
    keys.push(key);
    map.set(key, [i]);
    new WeakRef({ i });
}
