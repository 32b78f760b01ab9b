// SPDX-License-Identifier: MIT
// A comparator that loops.
// expect: turn-cpu
// limits: turn-cpu=200ms
[2, 1].sort(() => {
    for (;;);
});
