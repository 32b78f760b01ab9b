// SPDX-License-Identifier: MIT
// The decimal digits of a huge number.
// expect: turn-cpu|lost
// limits: turn-cpu=500ms
// loses: thread
for (;;) {
    (1n << 10000000n).toString(7);
}
