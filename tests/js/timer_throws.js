// SPDX-License-Identifier: MIT
// An error in a timer is reported and the other timers go on, an interval too.
import { done, equal } from "./lib/assert.js";

let errors = 0;
onerror = (message) => {
    errors++;
    equal(message.includes("tick"), true);
    return true;
};
let ticks = 0;
await new Promise((resolve) => {
    const id = setInterval(() => {
        ticks++;
        if (ticks === 3) {
            clearInterval(id);
            setTimeout(resolve, 5);
        }
        throw new Error("tick");
    }, 1);
});
let other = false;
await new Promise((resolve) => {
    setTimeout(() => {
        other = true;
        resolve();
    }, 0);
});
equal(ticks, 3);
equal(errors, 3);
equal(other, true);
done();
