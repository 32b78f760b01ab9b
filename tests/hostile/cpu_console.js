// SPDX-License-Identifier: MIT
// Prints without end.
// expect: turn-cpu
// limits: turn-cpu=300ms
for (let i = 0; ; i++) {
    console.log("line", i, { a: [1, 2, 3] });
}
