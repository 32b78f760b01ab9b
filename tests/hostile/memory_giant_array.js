// SPDX-License-Identifier: MIT
// One array of 240 MB: V8 10.2 itself gives up.
// expect: memory|heap
// limits: memory=32M;turn-cpu=10s
// not-under: asan
// loses: thread
// peak: 800
const list = [];
for (;;) {
    list.push(new Array(3e7).fill(1.5));
}
