// SPDX-License-Identifier: MIT
// Code from strings, kept.
// expect: memory|heap
// limits: memory=32M;turn-cpu=15s
// not-under: asan
// grants: eval
const list = [];
for (let i = 0; ; i++) {
    const f = new Function("a", `${"a += 1; ".repeat(200)} return a + ${i};`);
    f(1);
    list.push(f);
}
