// SPDX-License-Identifier: MIT
// A power with a hundred million bits.
// expect: turn-cpu|memory|heap|lost
// limits: turn-cpu=500ms
// loses: thread
let n = 3n ** 100000n;
for (;;) {
    n = (n * n) % (2n ** 5000000n - 1n);
}
