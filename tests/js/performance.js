// SPDX-License-Identifier: MIT
// The clock goes forward in whole milliseconds from timeOrigin.
import { done, equal, ok, sleep, throws } from "./lib/assert.js";

const a = performance.now();
ok(a >= 0, "now");
equal(Number.isInteger(a), true);
await sleep(15);
const b = performance.now();
ok(b - a >= 14, "15 ms passed");
ok(Math.abs(performance.timeOrigin + b - Date.now()) < 1000, "timeOrigin");
equal(performance.toJSON().timeOrigin, performance.timeOrigin);
equal(performance instanceof EventTarget, true);
throws(() => new Performance(), "TypeError");
throws(() => Performance.prototype.now.call({}), "TypeError");
const event = new Event("x");
ok(event.timeStamp >= b, "timeStamp");
done();
