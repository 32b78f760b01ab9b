// SPDX-License-Identifier: MIT
// A sum of a million terms, and a chain of as many members and calls.
// expect: closed|turn-cpu
// limits: memory=512M;turn-cpu=10s
// grants: eval
// peak: 1200
// within: 30
globalThis.f = () => globalThis.f;
for (const part of ["1+", "f.f||", "f=>", "(f),"]) {
    try {
        (0, eval)(`${part.repeat(2e5)}1`);
    } catch (e) {
        if (!(e instanceof RangeError)) {
            throw e;
        }
    }
}
try {
    (0, eval)(`f${"()".repeat(2e5)}`);
} catch (e) {
    if (!(e instanceof RangeError)) {
        throw e;
    }
}
close();
