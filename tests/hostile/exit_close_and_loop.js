// SPDX-License-Identifier: MIT
// close() lets the turn go on; the turn has its limit as ever.
// expect: closed|turn-cpu
// limits: turn-cpu=500ms
close();
for (;;);
