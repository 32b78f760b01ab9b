// SPDX-License-Identifier: MIT
// Setters on Array.prototype see nothing of what the glue keeps in arrays.
import { child, done, equal, receive, sleep } from "./lib/assert.js";

let caught = 0;
for (let i = 0; i < 20; i++) {
    Object.defineProperty(Array.prototype, i, {
        get() { return undefined; },
        set() { caught++; },
        configurable: true,
    });
}
const target = new EventTarget();
let calls = 0;
target.addEventListener("x", () => calls++);
target.addEventListener("x", () => calls++, true);
target.dispatchEvent(new Event("x"));
const { port1, port2 } = new MessageChannel();
const worker = child("onmessage = (e) => { e.ports[0].postMessage(1); }");
worker.postMessage(0, [port2]);
const got = receive(port1);
port1.start();
equal(await got, 1);
worker.terminate();
const controller = new AbortController();
AbortSignal.any([controller.signal]).onabort = () => calls++;
controller.abort();
setTimeout((a) => { calls += a; }, 0, 1);
new URLSearchParams("a=1&b=2").append("c", "3");
structuredClone({ a: [1, 2] });
console.log("text", 1, null);
await sleep(5);
equal(calls, 4);
equal(caught, 0);
// The inspector fills ordinary arrays; all that such setters spoil is what is shown.
console.log([1, 2, 3], { a: 1 });
console.table([{ a: 1 }]);
done();
