// SPDX-License-Identifier: MIT
// A loop without end, with the limits that a worker has when nothing is said.
// expect: turn-cpu
for (;;);
