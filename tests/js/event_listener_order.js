// SPDX-License-Identifier: MIT
// Capturing listeners run first, then the others; each group in the order of adding.
import { done, same } from "./lib/assert.js";

const target = new EventTarget();
const seen = [];
target.addEventListener("x", () => seen.push("a"));
target.addEventListener("x", () => seen.push("b"), true);
target.addEventListener("x", () => seen.push("c"));
target.addEventListener("x", () => seen.push("d"), { capture: true });
target.dispatchEvent(new Event("x"));
same(seen, ["b", "d", "a", "c"]);
done();
