// SPDX-License-Identifier: MIT
// Without the fine-clock switch all clocks go in steps of 1 ms.
import { done, equal } from "./lib/assert.js";

const whole = (value, what) => equal(Number.isInteger(value), true, what);
for (let i = 0; i < 2000; i++) {
    whole(performance.now(), "performance.now");
    whole(Date.now(), "Date.now");
    whole(new Event("x").timeStamp, "timeStamp");
}
whole(performance.timeOrigin, "timeOrigin");
done();
