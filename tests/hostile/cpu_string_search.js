// SPDX-License-Identifier: MIT
// A search that is as slow as it can be.
// expect: turn-cpu|lost
// limits: turn-cpu=300ms
// loses: thread
const text = "a".repeat(2e6);
const what = `${"a".repeat(1e6)}b`;
for (;;) {
    text.includes(what);
    text.lastIndexOf(what);
}
