// SPDX-License-Identifier: MIT
// Source text nested as deep as it can be.
// expect: closed
// limits: memory=256M;turn-cpu=10s
// grants: eval
// peak: 700
let refused = 0;
for (const [open, shut] of [
    ["(", ")"], ["[", "]"], ["{", "}"], ["(() => ", ")"], ["`${", "}`"], ["a ? b : ", ""], ["!", ""], ["if (1) ", ";"],
    ["function f() {", "}"], ["class A extends ", "{}"], ["new ", ""], ["async () => ", ""], ["x = ", ""],
]) {
    try {
        (0, eval)(`var a, b, x; ${open.repeat(1e5)}1${shut.repeat(1e5)}`);
    } catch (e) {
        refused += e instanceof RangeError || e instanceof SyntaxError;
    }
}
if (refused < 8) {
    throw new Error(`refused ${refused}`);
}
close();
