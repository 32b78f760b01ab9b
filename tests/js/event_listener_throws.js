// SPDX-License-Identifier: MIT
// An error of a listener is reported at the global object; the other listeners run all the same.
import { done, equal, same } from "./lib/assert.js";

const errors = [];
addEventListener("error", (e) => {
    errors.push(e.error.message);
    e.preventDefault();
});
const target = new EventTarget();
let reached = false;
target.addEventListener("x", () => {
    throw new Error("one");
});
target.addEventListener("x", {});
target.addEventListener("x", () => {
    reached = true;
});
equal(target.dispatchEvent(new Event("x")), true);
equal(reached, true);
equal(errors.length, 2);
equal(errors[0], "one");
same([typeof errors[1]], ["string"]);
done();
