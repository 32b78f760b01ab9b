// SPDX-License-Identifier: MIT
// Between two listeners of a message, the stack is empty and microtasks run; not in dispatchEvent.
import { done, once, same } from "./lib/assert.js";

const seen = [];
const { port1, port2 } = new MessageChannel();
port1.addEventListener("message", () => {
    seen.push("l1");
    Promise.resolve().then(() => seen.push("m1"));
});
port1.addEventListener("message", () => seen.push("l2"));
const arrived = once(port1, "message");
port1.start();
port2.postMessage(0);
await arrived;
same(seen, ["l1", "m1", "l2"]);

seen.length = 0;
const target = new EventTarget();
target.addEventListener("x", () => {
    seen.push("l1");
    Promise.resolve().then(() => seen.push("m1"));
});
target.addEventListener("x", () => seen.push("l2"));
target.dispatchEvent(new Event("x"));
same(seen, ["l1", "l2"]);
done();
