// SPDX-License-Identifier: MIT
// A list of millions of links, which the collector has to walk.
// expect: memory
// limits: memory=48M;turn-cpu=10s
// not-under: asan
let head = null;
for (let i = 0; ; i++) {
    head = { i, next: head };
}
