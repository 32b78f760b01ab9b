// SPDX-License-Identifier: MIT
// Properties put on Object.prototype grant nothing and break nothing.
import { done, equal, receive, same } from "./lib/assert.js";

const evil = {
    get: () => 1, set: () => 1, value: 1, writable: true, once: true, passive: true, capture: true, transfer: 5,
    type: "classic", name: "evil", bubbles: true, colors: true, depth: 9, done: true, next: 1,
    handler: 1, listener: 1, removed: true, stopped: true, state: 1, code: "ECLONE",
};
for (const key of Object.keys(evil)) {
    Object.defineProperty(Object.prototype, key, { __proto__: null, value: evil[key], writable: true, configurable: true });
}
// Options left out are what they are by default; only what the guest passes is read, inherited or not.
const target = new EventTarget();
let calls = 0;
target.addEventListener("x", () => calls++);
target.dispatchEvent(new Event("x"));
target.dispatchEvent(new Event("x"));
equal(calls, 2);
equal(new Event("x").bubbles, false);
const { port1, port2 } = new MessageChannel();
await new Promise((resolve) => {
    port1.onmessage = resolve;
    port2.postMessage(1);
});
const worker = new Worker("data:text/javascript,postMessage(name)");
equal(await receive(worker), "");
worker.terminate();
console.log({ a: 1 }, [1], new Map());
const e = (() => {
    try {
        structuredClone(() => {});
    } catch (error) {
        return error;
    }
})();
equal(e.code, 25);
same(structuredClone([1]), [1]);
const url = new URL("a?b=1", "http://h/");
equal(url.searchParams.get("b"), "1");
for (const key of Object.keys(evil)) {
    delete Object.prototype[key];
}
done();
