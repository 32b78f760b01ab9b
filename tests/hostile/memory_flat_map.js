// SPDX-License-Identifier: MIT
// Arrays in arrays, made flat.
// expect: memory|heap|turn-cpu|main-module
// limits: memory=32M;turn-cpu=10s
// loses: thread
// peak: 900
let list = [1];
for (;;) {
    list = list.flatMap((x) => [x, x, x, x]);
}
