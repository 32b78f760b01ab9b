// SPDX-License-Identifier: MIT
// unhandledrejection is fired after the turn, for promises nobody handles, and can be prevented.
import { done, equal, same, sleep } from "./lib/assert.js";

const seen = [];
addEventListener("unhandledrejection", (e) => {
    seen.push(e.reason);
    equal(e.promise instanceof Promise, true);
    equal(e.cancelable, true);
    e.preventDefault();
});
const late = Promise.reject("late");
Promise.reject("one");
Promise.reject("handled in time").catch(() => {});
(async () => {
    throw "async";
})();
await sleep(10);
same(seen, ["late", "one", "async"]);

const handled = new Promise((resolve) => {
    onrejectionhandled = (e) => resolve(e);
});
late.catch(() => {});
const event = await handled;
equal(event.promise, late);
equal(event.reason, "late");
done();
