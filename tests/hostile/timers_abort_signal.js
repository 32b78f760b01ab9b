// SPDX-License-Identifier: MIT
// Timeouts of signals are timers too.
// expect: closed
// limits: turn-cpu=10s;memory=128M
const kept = [];
let name = "";
try {
    while (kept.length < 1e5) {
        kept.push(AbortSignal.timeout(1e6));
    }
} catch (e) {
    ({ name } = e);
}
if (name !== "QuotaExceededError" || kept.length > 10000) {
    throw new Error(`${kept.length} timeouts, then ${name}`);
}
close();
