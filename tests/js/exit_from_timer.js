// SPDX-License-Identifier: MIT
// expect: exit=0 stdout~^a\n$
// cay.exit without a code from a task; microtasks and timers that wait do not run.
setTimeout(() => console.log("never"), 0);
queueMicrotask(() => {
    console.log("a");
    queueMicrotask(() => console.log("never"));
    cay.exit();
});
