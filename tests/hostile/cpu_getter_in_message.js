// SPDX-License-Identifier: MIT
// A getter in a message that loops.
// expect: turn-cpu
// limits: turn-cpu=200ms
postMessage({
    get x() {
        for (;;);
    },
});
