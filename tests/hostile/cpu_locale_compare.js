// SPDX-License-Identifier: MIT
// Comparisons by a locale's rules.
// expect: turn-cpu|lost
// limits: turn-cpu=300ms
// loses: thread
const a = "\u0344\u1e9b".repeat(1e6);
const b = `${a}x`;
for (;;) {
    a.localeCompare(b);
}
