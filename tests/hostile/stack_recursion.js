// SPDX-License-Identifier: MIT
// Plain recursion is a RangeError, as often as one likes.
// expect: closed
// limits: turn-cpu=5s
let caught = 0;
const f = (n) => f(n + 1) + 1;
for (let i = 0; i < 100; i++) {
    try {
        f(0);
    } catch (e) {
        caught += e instanceof RangeError;
    }
}
if (caught !== 100) {
    throw new Error(`caught ${caught}`);
}
close();
