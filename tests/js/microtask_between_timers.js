// SPDX-License-Identifier: MIT
// Between two timers that are due together, microtasks run.
import { done, same, sleep } from "./lib/assert.js";

const seen = [];
setTimeout(() => {
    seen.push("t1");
    Promise.resolve().then(() => seen.push("m1"));
}, 1);
setTimeout(() => {
    seen.push("t2");
    queueMicrotask(() => seen.push("m2"));
}, 1);
await sleep(20);
same(seen, ["t1", "m1", "t2", "m2"]);
done();
