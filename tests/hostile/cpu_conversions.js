// SPDX-License-Identifier: MIT
// Arguments whose conversion loops: the first such call of the glue must be the last.
// expect: turn-cpu
// limits: turn-cpu=200ms
const slow = {
    valueOf() {
        for (;;);
    },
    toString() {
        for (;;);
    },
};
for (const call of [
    () => setTimeout(() => {}, slow), () => new URL(slow), () => new Event(slow), () => cay.exit(slow),
]) {
    try {
        call();
    } finally {
        continue;
    }
}
