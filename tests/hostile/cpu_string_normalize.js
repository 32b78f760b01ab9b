// SPDX-License-Identifier: MIT
// Normalisation of text that grows by it.
// expect: turn-cpu|lost|memory|heap
// limits: memory=256M;turn-cpu=300ms
// loses: thread
// peak: 1000
for (;;) {
    "\u1e9b\u0323\u0344".repeat(5e6).normalize("NFD");
}
