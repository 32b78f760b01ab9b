// SPDX-License-Identifier: MIT
// What a finally block swallows must not be the end.
// expect: turn-cpu
// limits: turn-cpu=200ms
const trap = () => {
    for (;;) {
        try {
            for (;;);
        } catch {
            continue;
        } finally {
            outer: for (;;) {
                try {
                    for (;;);
                } finally {
                    continue outer;
                }
            }
        }
    }
};
trap();
