// SPDX-License-Identifier: MIT
// Source texts of many megabytes, from a string.
// expect: turn-cpu|lost|memory|heap
// limits: memory=512M;turn-cpu=500ms
// grants: eval
// loses: thread
// peak: 1500
(0, eval)("a = [1, 2, 3];\n".repeat(3e6));
