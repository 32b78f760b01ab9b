// SPDX-License-Identifier: MIT
// An array of 1e8 holes, filled.
// expect: memory|heap|turn-cpu|lost
// limits: memory=32M;turn-cpu=2s
// not-under: asan
// loses: thread
// peak: 1200
new Array(1e8).fill(1.5);
