// SPDX-License-Identifier: MIT
// on* attributes: what they take, their place among listeners, and what their result means.
import { done, equal, same } from "./lib/assert.js";

const { port1 } = new MessageChannel();
equal(port1.onmessage, null);
port1.onmessage = 5;
equal(port1.onmessage, null);
const object = {};
port1.onmessage = object;
equal(port1.onmessage, object);
port1.onmessage = undefined;
equal(port1.onmessage, null);

const { signal } = new AbortController();
const seen = [];
signal.addEventListener("abort", () => seen.push("a"));
signal.onabort = () => seen.push("never");
signal.addEventListener("abort", () => seen.push("c"));
signal.onabort = function (e) {
    equal(this, signal);
    equal(e.type, "abort");
    seen.push("b");
};
signal.dispatchEvent(new Event("abort"));
same(seen, ["a", "b", "c"]);
// null takes it out of the order; the next function goes to the end.
signal.onabort = null;
signal.onabort = () => seen.push("end");
seen.length = 0;
signal.dispatchEvent(new Event("abort"));
same(seen, ["a", "c", "end"]);

signal.onabort = () => false;
equal(signal.dispatchEvent(new Event("abort", { cancelable: true })), false);
signal.onabort = () => true;
equal(signal.dispatchEvent(new Event("abort", { cancelable: true })), true);
done();
