// SPDX-License-Identifier: MIT
// Labels of timers and counters.
// expect: memory|heap|turn-cpu|closed
// limits: memory=32M;turn-cpu=10s
// loses: thread
for (let i = 0; i < 3e6; i++) {
    console.count(`label ${i}`);
    console.time(`timer ${i}`);
    console.group();
}
close();
