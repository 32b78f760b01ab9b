// SPDX-License-Identifier: MIT
// Ends itself in the executor of a promise, in a reaction, and in a thenable.
// expect: closed
// limits: turn-cpu=2s
Promise.resolve({
    then() {
        cay.exit();
    },
});
await 1;
await 1;
await 1;
throw new Error("it went on");
