// SPDX-License-Identifier: MIT
// Objects of which no two have the same shape.
// expect: memory|heap
// limits: memory=32M;turn-cpu=10s
// not-under: asan
const list = [];
for (let i = 0; ; i++) {
    const o = {};
    for (let k = 0; k < 10; k++) {
        o[`p${(i * 7919 + k * 104729) % 1e6}`] = k;
    }
    list.push(o);
}
