// SPDX-License-Identifier: MIT
// Timers run in the order of their time, and equal times in the order of setting.
import { done, same } from "./lib/assert.js";

const seen = [];
await new Promise((resolve) => {
    setTimeout(() => seen.push("c"), 20);
    setTimeout(() => seen.push("a"), 1);
    setTimeout(() => seen.push("b"), 1);
    setTimeout(() => seen.push("d"), 20);
    setTimeout(resolve, 40);
});
same(seen, ["a", "b", "c", "d"]);
done();
