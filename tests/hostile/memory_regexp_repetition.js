// SPDX-License-Identifier: MIT
// A repetition that would be unrolled into gigabytes is refused as a pattern.
// expect: closed|memory|heap
// limits: memory=32M;turn-cpu=10s
// loses: thread
let refused = 0;
for (const source of ["((((a{1000}){1000}){1000}){1000})", "(?:a{0,30000}){0,30000}", "(".repeat(1e5), `${"(a|".repeat(2e4)}b${")".repeat(2e4)}`]) {
    try {
        new RegExp(source).exec("a".repeat(100));
    } catch (e) {
        refused += e instanceof SyntaxError || e instanceof RangeError;
    }
}
if (refused < 2) {
    throw new Error(`only ${refused} patterns were refused`);
}
close();
