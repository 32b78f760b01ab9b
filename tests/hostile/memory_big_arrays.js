// SPDX-License-Identifier: MIT
// Arrays of 800 KB.
// expect: memory
// limits: memory=32M;turn-cpu=10s
const list = [];
for (;;) {
    list.push(new Array(1e5).fill(1.5));
}
