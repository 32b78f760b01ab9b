// SPDX-License-Identifier: MIT
// Microtasks run before the next task, promises and queueMicrotask in one queue.
import { done, same, sleep, throws } from "./lib/assert.js";

const seen = [];
setTimeout(() => seen.push("task"), 0);
queueMicrotask(() => {
    seen.push(1);
    queueMicrotask(() => seen.push(4));
});
Promise.resolve().then(() => seen.push(2));
queueMicrotask(() => seen.push(3));
seen.push("sync");
await sleep(5);
same(seen, ["sync", 1, 2, 3, 4, "task"]);
throws(() => queueMicrotask(), "TypeError");
throws(() => queueMicrotask("x"), "TypeError");
done();
