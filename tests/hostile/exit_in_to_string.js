// SPDX-License-Identifier: MIT
// Ends itself in conversions of arguments.
// expect: closed
// limits: turn-cpu=2s
try {
    new URL({
        toString() {
            cay.exit();
        },
    });
} finally {
    for (;;);
}
