// SPDX-License-Identifier: MIT
// A loop without end.
// expect: turn-cpu
// limits: turn-cpu=200ms
for (;;);
