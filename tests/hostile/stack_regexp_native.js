// SPDX-License-Identifier: MIT
// Repetitions nested deeper than the native stack: V8 10.2 compiles them by recursion and looks at no limit.
// expect: closed|engine|heap|memory|turn-cpu|lost
// limits: memory=128M;turn-cpu=10s
// loses: thread
// alone: process
// peak: 1000
for (const [open, shut] of [["(?:", ")*"], ["(?=", ")"], ["(?<=", ")"], ["(?:", "){2}"], ["(?:a|", ")?"]]) {
    try {
        new RegExp(`${open.repeat(1e5)}b${shut.repeat(1e5)}`).exec("ab");
    } catch (e) {
        if (!(e instanceof SyntaxError) && !(e instanceof RangeError)) {
            throw e;
        }
    }
}
close();
