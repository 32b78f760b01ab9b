// SPDX-License-Identifier: MIT
// A million timers: they are refused above the limit, and those set before still fire.
// expect: closed
// limits: turn-cpu=10s
let set = 0;
let name = "";
try {
    for (; set < 1e6; set++) {
        setTimeout(() => {}, 1e6);
    }
} catch (e) {
    ({ name } = e);
}
if (name !== "QuotaExceededError" || set > 10000) {
    throw new Error(`${set} timers, then ${name}`);
}
for (let i = 1; i < 200; i++) {
    clearTimeout(i);
}
setTimeout(() => close(), 1);
