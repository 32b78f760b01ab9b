// SPDX-License-Identifier: MIT
// Lookbehind over a long text, at each of its places.
// expect: turn-cpu|closed
// limits: turn-cpu=200ms
for (;;) {
    "ab".repeat(1e5).match(/(?<=a.*)b(?=.*z)/g);
}
