// SPDX-License-Identifier: MIT
// A clone of everything made so far, again and again.
// expect: memory|heap|main-module
// limits: memory=32M;turn-cpu=10s
// loses: thread
let all = new Array(10).fill(0).map((_, i) => ({ i }));
for (;;) {
    all = [structuredClone(all), structuredClone(all)];
}
