// SPDX-License-Identifier: MIT
// Classes of all letters, without case, repeated: what the compiler makes of them is not in the heap.
// expect: closed|memory|heap|turn-cpu|lost
// limits: memory=32M;turn-cpu=3s
// loses: thread
for (const n of [10, 100, 1000, 10000]) {
    try {
        new RegExp(`(?:\\p{L}|\\p{N}|[^\\p{Lu}]){0,${n}}\\P{Ll}`, "iu").exec("abc\u0400".repeat(10));
    } catch (e) {
        if (!(e instanceof SyntaxError)) {
            throw e;
        }
    }
}
close();
