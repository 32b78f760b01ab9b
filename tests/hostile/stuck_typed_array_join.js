// SPDX-License-Identifier: MIT
// join of a typed array.
// expect: lost|turn-cpu|memory|heap|main-module
// limits: memory=256M;turn-cpu=300ms
// loses: thread
// peak: 1500
new Float64Array(1e7).fill(1 / 3).join();
