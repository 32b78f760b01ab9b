// SPDX-License-Identifier: MIT
// The handler of `limit` loops: the last slice has its bound.
// expect: turn-cpu
// limits: turn-cpu=300ms;grace=20ms
addEventListener("limit", () => {
    for (;;);
});
for (;;);
