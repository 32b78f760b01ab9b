// SPDX-License-Identifier: MIT
// stopImmediatePropagation ends the dispatch, stopPropagation only what comes after the capturing phase.
import { done, same } from "./lib/assert.js";

const seen = [];
const a = new EventTarget();
a.addEventListener("x", (e) => {
    seen.push(1);
    e.stopImmediatePropagation();
});
a.addEventListener("x", () => seen.push(2));
a.dispatchEvent(new Event("x"));

const b = new EventTarget();
b.addEventListener("x", (e) => {
    seen.push(3);
    e.stopPropagation();
}, true);
b.addEventListener("x", () => seen.push(4), true);
b.addEventListener("x", () => seen.push(5));
const event = new Event("x");
b.dispatchEvent(event);
same(seen, [1, 3, 4]);
// The flags are for one dispatch.
b.dispatchEvent(event);
same(seen, [1, 3, 4, 3, 4]);
done();
