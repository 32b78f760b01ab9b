// SPDX-License-Identifier: MIT
// A long text split by a short one.
// expect: lost|turn-cpu|memory|heap
// limits: memory=256M;turn-cpu=300ms
// loses: thread
// peak: 900
for (;;) {
    "ab".repeat(4e6).split("a");
}
