// SPDX-License-Identifier: MIT
// Goes on starting workers when they are refused.
// expect: turn-cpu|memory
// limits: memory=256M;workers=8;turn-cpu=500ms
for (;;) {
    try {
        new Worker("data:text/javascript,onmessage = () => {}");
    } catch {
        // Once more.
    }
}
