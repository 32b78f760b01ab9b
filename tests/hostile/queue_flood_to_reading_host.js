// SPDX-License-Identifier: MIT
// Posts to a host that reads as fast as it can.
// expect: turn-cpu
// limits: turn-cpu=1s
// peak: 300
for (;;) {
    try {
        postMessage([1, 2, 3]);
    } catch {
        // The host is slower.
    }
}
