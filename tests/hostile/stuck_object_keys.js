// SPDX-License-Identifier: MIT
// The keys of a huge array, as strings.
// expect: lost|turn-cpu|memory|heap
// limits: memory=128M;turn-cpu=300ms
// loses: thread
// peak: 1200
const list = new Array(1e7).fill(0);
for (;;) {
    Object.keys(list);
}
