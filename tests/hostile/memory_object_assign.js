// SPDX-License-Identifier: MIT
// Copies of a wide object.
// expect: memory|heap
// limits: memory=32M;turn-cpu=10s
const wide = Object.fromEntries(new Array(2000).fill(0).map((_, i) => [`p${i}`, i]));
const list = [];
for (;;) {
    list.push({ ...wide }, Object.assign({}, wide), Object.entries(wide));
}
