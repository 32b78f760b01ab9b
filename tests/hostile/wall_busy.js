// SPDX-License-Identifier: MIT
// A loop that the limits of CPU allow.
// expect: wall
// limits: wall=300ms;turn-cpu=unlimited
for (;;);
