// SPDX-License-Identifier: MIT
// Redirecting `super` of a platform class hands the guest none of the glue's own values.
import { child, done, equal, receive } from "./lib/assert.js";

const seen = [];
function Spy(...args) {
    seen.push(args);
    return {};
}
for (const Class of [MessageEvent, ErrorEvent, PromiseRejectionEvent, MessagePort, Worker, WorkerCloseEvent, AbortSignal]) {
    Object.setPrototypeOf(Class, Spy);
}
const { port1, port2 } = new MessageChannel();
const got = receive(port1);
port1.start();
port2.postMessage("through");
equal(await got, "through");
const worker = child("postMessage(1); setTimeout(() => { throw 1; }, 0);");
worker.onerror = (e) => e.preventDefault();
equal(await receive(worker), 1);
worker.terminate();
onunhandledrejection = (e) => e.preventDefault();
Promise.reject(1);
new AbortController().abort();
await new Promise((resolve) => {
    setTimeout(resolve, 5);
});
equal(seen.length, 0);
done();
