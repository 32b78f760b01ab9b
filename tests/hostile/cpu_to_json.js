// SPDX-License-Identifier: MIT
// toJSON that loops.
// expect: turn-cpu
// limits: turn-cpu=200ms
JSON.stringify({
    toJSON() {
        for (;;);
    },
});
