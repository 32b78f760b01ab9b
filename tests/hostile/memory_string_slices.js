// SPDX-License-Identifier: MIT
// Small slices that keep large strings alive.
// expect: memory|heap
// limits: memory=32M;turn-cpu=10s
// loses: thread
const list = [];
for (let i = 0; ; i++) {
    const text = `${i}`.padStart(1e6, "abc");
    list.push(text.slice(1000, 1050));
}
