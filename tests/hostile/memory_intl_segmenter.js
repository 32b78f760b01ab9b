// SPDX-License-Identifier: MIT
// Segmenters, and the segments of a text, each of which holds native memory that is not in the heap.
// expect: memory|heap
// limits: memory=48M;turn-cpu=15s
// not-under: asan
const list = [];
for (let i = 0; ; i++) {
    list.push(new Intl.Segmenter("th", { granularity: i % 2 ? "word" : "sentence" }).segment("a b c. d e f.".repeat(100)));
}
