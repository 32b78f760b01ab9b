// SPDX-License-Identifier: MIT
// Goes on posting when it is refused.
// expect: turn-cpu
// limits: turn-cpu=300ms
// host: silent
// peak: 200
for (;;) {
    try {
        postMessage("x".repeat(10000));
    } catch {
        // Once more.
    }
}
