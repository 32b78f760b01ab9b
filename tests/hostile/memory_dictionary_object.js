// SPDX-License-Identifier: MIT
// One object of millions of names.
// expect: memory|heap
// limits: memory=32M;turn-cpu=10s
// not-under: asan
// loses: thread
const o = {};
for (let i = 0; ; i++) {
    o[`name${i}`] = i;
}
