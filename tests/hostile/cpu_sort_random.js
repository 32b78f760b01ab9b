// SPDX-License-Identifier: MIT
// A comparator without sense, over a long array, for ever.
// expect: turn-cpu
// limits: turn-cpu=200ms
const list = new Array(1e5).fill(0).map((_, i) => i);
for (;;) {
    list.sort(() => Math.random() - 0.5);
}
