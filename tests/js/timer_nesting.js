// SPDX-License-Identifier: MIT
// Timers set by timers more than five deep wait for at least 4 ms.
import { done, ok } from "./lib/assert.js";

const begin = performance.now();
let depth = 0;
await new Promise((resolve) => {
    function next() {
        depth++;
        if (depth === 26) {
            resolve();
        } else {
            setTimeout(next, 0);
        }
    }
    setTimeout(next, 0);
});
ok(performance.now() - begin >= 20 * 4 - 20, "twenty timers past the limit took their time");

let ticks = 0;
const start = performance.now();
await new Promise((resolve) => {
    const id = setInterval(() => {
        if (++ticks === 26) {
            clearInterval(id);
            resolve();
        }
    }, 0);
});
ok(performance.now() - start >= 20 * 4 - 20, "an interval of 0 ms becomes one of 4 ms");
done();
