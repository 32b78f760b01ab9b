// SPDX-License-Identifier: MIT
// Ends itself in an iterator, whose return() would run on the way out.
// expect: closed
// limits: turn-cpu=2s
const list = {
    [Symbol.iterator]: () => ({
        next: () => cay.exit(),
        return() {
            for (;;);
        },
    }),
};
for (const x of list) {
    throw new Error(x);
}
throw new Error("it went on");
