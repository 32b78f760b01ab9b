// SPDX-License-Identifier: MIT
// Errors reported without end while the host reads them.
// expect: turn-cpu|memory|heap
// limits: memory=32M;turn-cpu=500ms
// uncaught: report
const e = new Error("x".repeat(2 ** 16));
for (;;) {
    reportError(e);
}
