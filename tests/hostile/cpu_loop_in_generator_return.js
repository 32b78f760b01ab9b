// SPDX-License-Identifier: MIT
// A generator whose finally block yields for ever.
// expect: turn-cpu
// limits: turn-cpu=200ms
function* stubborn() {
    for (;;) {
        try {
            yield 1;
        } finally {
            for (;;) {
                yield 2;
            }
        }
    }
}
for (;;) {
    for (const x of stubborn()) {
        if (x > 2) {
            break;
        }
    }
}
