// SPDX-License-Identifier: MIT
// Listeners without end on one target.
// expect: memory|heap|turn-cpu
// limits: memory=32M;turn-cpu=1s
const target = new EventTarget();
for (;;) {
    target.addEventListener("x", () => {});
}
