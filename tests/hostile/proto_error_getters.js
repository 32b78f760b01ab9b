// SPDX-License-Identifier: MIT
// An exception that answers each question about it with another exception, and with a loop at last.
// expect: main-module|turn-cpu
// limits: turn-cpu=300ms
let asked = 0;
throw new Proxy(new Error("x"), {
    get() {
        if (++asked > 3) {
            for (;;);
        }
        throw new Error("asked");
    },
    getOwnPropertyDescriptor() {
        for (;;);
    },
});
