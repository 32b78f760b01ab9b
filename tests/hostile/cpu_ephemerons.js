// SPDX-License-Identifier: MIT
// A WeakMap in which each key is held by the value before it, entered from the far end: the collector has to follow.
// expect: memory|heap|turn-cpu|lost
// limits: memory=48M;turn-cpu=5s
// loses: thread
let map = new WeakMap();
for (;;) {
    const keys = new Array(20000).fill(0).map(() => ({}));
    for (let i = keys.length - 1; i > 0; i--) {
        map.set(keys[i - 1], keys[i]);
    }
    globalThis.first = keys[0];
    (globalThis.all ??= []).push(keys[0], map);
    map = new WeakMap();
}
