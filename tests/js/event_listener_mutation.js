// SPDX-License-Identifier: MIT
// Listeners added during a dispatch wait for the next one; removed ones do not run any more.
import { done, same } from "./lib/assert.js";

const target = new EventTarget();
const seen = [];
const late = () => seen.push("late");
const gone = () => seen.push("gone");
target.addEventListener("x", () => {
    seen.push("first");
    target.addEventListener("x", late);
    target.removeEventListener("x", gone);
});
target.addEventListener("x", gone);
target.dispatchEvent(new Event("x"));
same(seen, ["first"]);
target.dispatchEvent(new Event("x"));
same(seen, ["first", "first", "late"]);
done();
