// SPDX-License-Identifier: MIT
// An error in a timer is reported and the other timers go on, an interval too.
import { done, equal, sleep } from "./lib/assert.js";

let errors = 0;
onerror = (message) => {
    errors++;
    equal(message.includes("tick"), true);
    return true;
};
let ticks = 0;
const id = setInterval(() => {
    ticks++;
    if (ticks === 3) {
        clearInterval(id);
    }
    throw new Error("tick");
}, 1);
let other = false;
setTimeout(() => {
    other = true;
}, 5);
await sleep(50);
equal(ticks, 3);
equal(errors, 3);
equal(other, true);
done();
