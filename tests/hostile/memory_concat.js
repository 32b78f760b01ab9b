// SPDX-License-Identifier: MIT
// An array joined to itself.
// expect: memory|heap|main-module|turn-cpu
// limits: memory=32M;turn-cpu=10s
// loses: thread
// peak: 900
let list = [1.5];
for (;;) {
    list = list.concat(list);
}
