// SPDX-License-Identifier: MIT
// Goes on setting timers when they are refused.
// expect: turn-cpu|memory
// limits: turn-cpu=500ms
for (;;) {
    try {
        setInterval(() => {}, 0);
    } catch {
        // Once more.
    }
}
