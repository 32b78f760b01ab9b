// SPDX-License-Identifier: MIT
// An error in a microtask is reported like any other.
import { done, equal, sleep } from "./lib/assert.js";

let seen;
addEventListener("error", (e) => {
    seen = e.error;
    e.preventDefault();
});
const error = new Error("micro");
let after = false;
queueMicrotask(() => {
    throw error;
});
queueMicrotask(() => {
    after = true;
});
await sleep(1);
equal(seen, error);
equal(after, true);
done();
