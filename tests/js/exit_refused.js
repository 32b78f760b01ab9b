// SPDX-License-Identifier: MIT
// expect: exit=0 stdout~ok
// cay.exit takes integers from 0 to 255, or nothing; all else is an error that tells it, and the script goes on.
import { throws } from "./lib/assert.js";

for (const [code, shown] of [[-1, "-1"], [256, "256"], [1.5, "1.5"], [NaN, "NaN"], [Infinity, "Infinity"]]) {
    throws(() => cay.exit(code), "RangeError", new RegExp(`cay\\.exit: ${shown} is not an integer`));
}
for (const [code, shown] of [["3", '"3"'], [null, "null"], [true, "true"], [3n, "3"], [{}, "an object"],
    [Symbol("s"), "Symbol\\(s\\)"], [() => {}, "an object"]]) {
    throws(() => cay.exit(code), "TypeError", new RegExp(`cay\\.exit: ${shown} is not an integer`));
}
console.log("ok");
cay.exit(undefined);
