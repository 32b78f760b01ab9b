// SPDX-License-Identifier: MIT
// Generators that have begun and wait.
// expect: memory|heap
// limits: memory=32M;turn-cpu=10s
const list = [];
function* waits(a) {
    const b = [a, a];
    const c = { b };
    yield c;
    return b;
}
for (let i = 0; ; i++) {
    const g = waits(i);
    g.next();
    list.push(g);
}
