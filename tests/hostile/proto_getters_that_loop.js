// SPDX-License-Identifier: MIT
// The same, with a getter that loops.
// expect: turn-cpu
// limits: turn-cpu=300ms
for (const name of ["once", "capture", "signal"]) {
    Object.defineProperty(Object.prototype, name, {
        __proto__: null,
        get() {
            for (;;);
        },
    });
}
addEventListener("x", () => {}, {});
throw new Error("the option was not read");
