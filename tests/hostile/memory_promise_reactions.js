// SPDX-License-Identifier: MIT
// One promise on which everybody waits.
// expect: memory|heap
// limits: memory=32M;turn-cpu=10s
const one = new Promise(() => {});
for (;;) {
    one.then(() => {}, () => {});
}
