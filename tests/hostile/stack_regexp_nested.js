// SPDX-License-Identifier: MIT
// Patterns nested as deep as they can be, as groups, classes and lookarounds.
// expect: closed
// limits: memory=128M;turn-cpu=10s
let refused = 0;
for (const [open, shut] of [["(", ")"], ["(?:", ")*"], ["(?=", ")"], ["(?<=", ")"], ["(a|", ")"], ["(?<!(", "))"]]) {
    for (const n of [1e3, 1e4, 1e5]) {
        try {
            new RegExp(`${open.repeat(n)}b${shut.repeat(n)}`).exec("ab".repeat(100));
        } catch (e) {
            refused += e instanceof SyntaxError || e instanceof RangeError;
        }
    }
}
if (refused < 6) {
    throw new Error(`refused ${refused}`);
}
close();
