// SPDX-License-Identifier: MIT
// Asks again and again for what is refused.
// expect: turn-cpu|memory
// limits: memory=32M;turn-cpu=1s
for (;;) {
    try {
        new ArrayBuffer(2 ** 30);
    } catch {
        // Once more.
    }
}
