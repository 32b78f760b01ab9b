// SPDX-License-Identifier: MIT
// Extra arguments reach the callback; `this` is the global object; delays are converted.
import { done, equal, same, throws } from "./lib/assert.js";

await new Promise((resolve) => {
    setTimeout(function (...args) {
        equal(this, globalThis);
        same(args, [1, "two"]);
        resolve();
    }, 0, 1, "two");
});
const order = [];
await new Promise((resolve) => {
    setTimeout(() => order.push(1), -5);
    setTimeout(() => order.push(2), NaN);
    setTimeout(() => order.push(3), "1");
    setTimeout(() => order.push(4), 2 ** 32 + 2);
    setTimeout(resolve, 20);
});
same(order, [1, 2, 3, 4]);
const id = setTimeout(() => {}, 1000);
equal(Number.isInteger(id) && id > 0, true);
clearTimeout(id);
clearTimeout(id);
clearTimeout();
clearTimeout(-1);
clearTimeout("nonsense");
throws(() => setTimeout(), "TypeError");
throws(() => setTimeout("globalThis.bad = 1"), "TypeError", /function/);
throws(() => setInterval("globalThis.bad = 1", 1), "TypeError");
throws(() => setTimeout(() => {}, 1n), "TypeError");
throws(() => setTimeout(() => {}, { valueOf() { throw new RangeError("v"); } }), "RangeError");
done();
