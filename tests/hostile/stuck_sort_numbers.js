// SPDX-License-Identifier: MIT
// The default sort of three million numbers, as strings.
// expect: lost|turn-cpu|memory|heap
// limits: memory=256M;turn-cpu=500ms
// loses: thread
// peak: 900
const list = new Float64Array(3e6).map(() => Math.random());
Array.from(list).sort();
