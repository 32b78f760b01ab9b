// SPDX-License-Identifier: MIT
// Ends itself in a getter of a value that is being posted.
// expect: closed
// limits: turn-cpu=2s
postMessage({
    a: 1,
    get b() {
        cay.exit();
    },
    get c() {
        for (;;);
    },
});
throw new Error("it went on");
