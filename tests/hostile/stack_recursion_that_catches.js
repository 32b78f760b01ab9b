// SPDX-License-Identifier: MIT
// Catches the error at each level and calls again: 2^depth calls.
// expect: turn-cpu
// limits: turn-cpu=300ms
const f = () => {
    try {
        f();
    } catch {
        f();
    }
};
f();
