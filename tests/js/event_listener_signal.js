// SPDX-License-Identifier: MIT
// A listener added with a signal goes when the signal aborts, and is not added when it has aborted.
import { done, equal, throws } from "./lib/assert.js";

const target = new EventTarget();
const controller = new AbortController();
let calls = 0;
target.addEventListener("x", () => calls++, { signal: controller.signal });
target.dispatchEvent(new Event("x"));
controller.abort();
target.dispatchEvent(new Event("x"));
equal(calls, 1);
target.addEventListener("x", () => calls++, { signal: controller.signal });
target.dispatchEvent(new Event("x"));
equal(calls, 1);
throws(() => target.addEventListener("x", () => {}, { signal: null }), "TypeError");
throws(() => target.addEventListener("x", () => {}, { signal: {} }), "TypeError");

// In the middle of a dispatch, too.
const other = new AbortController();
target.addEventListener("y", () => other.abort());
target.addEventListener("y", () => calls++, { signal: other.signal });
target.dispatchEvent(new Event("y"));
equal(calls, 1);
done();
