// SPDX-License-Identifier: MIT
// Patterns nested a thousand deep, as groups, repetitions and lookarounds; and captures deeper than there may be.
// expect: closed
// limits: memory=128M;turn-cpu=10s
for (const [open, shut] of [["(", ")"], ["(?:", ")*"], ["(?=", ")"], ["(?<=", ")"], ["(a|", ")"], ["(?:", "){2}"]]) {
    new RegExp(`${open.repeat(1000)}b${shut.repeat(1000)}`).exec("ab");
}
let refused = 0;
for (const n of [3e4, 1e5]) {
    try {
        new RegExp(`${"(".repeat(n)}b${")".repeat(n)}`).exec("ab");
    } catch (e) {
        refused += e instanceof SyntaxError;
    }
}
if (refused !== 2) {
    throw new Error(`refused ${refused}`);
}
close();
