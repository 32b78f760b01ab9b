// SPDX-License-Identifier: MIT
// An array of elements far apart.
// expect: memory|heap
// limits: memory=32M;turn-cpu=10s
// loses: thread
const list = [];
for (let i = 0; ; i++) {
    list[i * 1000 % 4294967291] = i;
}
