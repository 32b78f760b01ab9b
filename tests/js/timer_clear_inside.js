// SPDX-License-Identifier: MIT
// A timer cleared by another that is due at the same time does not run; an interval clears itself.
import { done, equal, sleep } from "./lib/assert.js";

let late = 0;
const b = [0];
setTimeout(() => clearTimeout(b[0]), 5);
b[0] = setTimeout(() => late++, 5);
let ticks = 0;
await new Promise((resolve) => {
    const interval = setInterval(() => {
        ticks++;
        if (ticks === 3) {
            clearInterval(interval);
            setTimeout(resolve, 10);
        }
    }, 2);
});
equal(late, 0);
equal(ticks, 3);
// clearTimeout and clearInterval are one and the same.
const other = setInterval(() => late++, 1);
clearTimeout(other);
await sleep(15);
equal(late, 0);
done();
