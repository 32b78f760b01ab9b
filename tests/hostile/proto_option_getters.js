// SPDX-License-Identifier: MIT
// Getters on Object.prototype for every name that the glue could read from an option bag.
// expect: closed
// limits: turn-cpu=10s
// uncaught: report
const names = [
    "once", "capture", "passive", "signal", "detail", "bubbles", "cancelable", "composed", "transfer", "name", "type",
    "credentials", "cay", "permissions", "limits", "memory", "cpu", "read", "write", "net", "method", "headers", "body", "status",
    "statusText", "endings", "highWaterMark", "size", "start", "pull", "cancel", "autoAllocateChunkSize", "preventClose",
    "preventAbort", "preventCancel", "mode", "depth", "colors", "showHidden", "data", "ports", "message", "error", "reason",
    "promise", "code", "exitCode", "usage", "handleEvent", "value", "get", "set", "done", "next", "then", "cause", "stack",
];
let reads = 0;
for (const name of names) {
    Object.defineProperty(Object.prototype, name, {
        __proto__: null,
        configurable: true,
        get() {
            reads++;
            return undefined;
        },
        set(value) {
            Object.defineProperty(this, name, { __proto__: null, value, writable: true, configurable: true });
        },
    });
}
const target = new EventTarget();
let heard = 0;
target.addEventListener("x", () => heard++);
target.dispatchEvent(new Event("x"));
structuredClone({ a: 1 });
new Response("text", {});
new Headers({});
new URLSearchParams({});
new MessageEvent("x", {});
console.log({ a: 1 });
setTimeout(() => {}, 1);
crypto.getRandomValues(new Uint8Array(4));
new Worker("data:text/javascript,0", {}).onerror = () => {};
if (heard !== 1) {
    throw new Error(`heard ${heard}`);
}
close();
