// SPDX-License-Identifier: MIT
// Long texts where a date is expected.
// expect: turn-cpu|lost
// limits: turn-cpu=300ms
// loses: thread
const text = "1 ".repeat(1e6);
for (;;) {
    Date.parse(text);
}
