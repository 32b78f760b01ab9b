// SPDX-License-Identifier: MIT
// Ten million replacements.
// expect: lost|turn-cpu|memory|heap|main-module
// limits: memory=256M;turn-cpu=300ms
// loses: thread
// peak: 1200
for (;;) {
    "ab".repeat(1e7).replaceAll("a", "bb");
}
