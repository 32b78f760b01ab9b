// SPDX-License-Identifier: MIT
// What a finalizer is told makes more of what it is told.
// expect: memory|heap|cpu|turn-cpu
// limits: memory=32M;cpu=5s;turn-cpu=5s
// loses: thread
const list = [];
const registry = new FinalizationRegistry((n) => {
    for (let i = 0; i < 10; i++) {
        registry.register({}, n + 1);
        list.push(new Array(50).fill(n));
    }
});
for (let i = 0; i < 1e5; i++) {
    registry.register({}, i);
}
setInterval(() => {
    for (let i = 0; i < 1e5; i++) {
        registry.register(new Array(10), i);
    }
});
