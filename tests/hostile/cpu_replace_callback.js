// SPDX-License-Identifier: MIT
// A replacement function that loops.
// expect: turn-cpu
// limits: turn-cpu=200ms
"abc".replace(/b/, () => {
    for (;;);
});
