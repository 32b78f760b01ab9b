// SPDX-License-Identifier: MIT
// fill, indexOf and sort of typed arrays: large, but not endless.
// expect: lost|turn-cpu|main-module
// limits: memory=512M;turn-cpu=300ms
// loses: thread
// peak: 1200
const numbers = new Float64Array(2e7);
for (;;) {
    numbers.fill(1.5).indexOf(2);
    numbers.reverse();
    numbers.sort();
}
