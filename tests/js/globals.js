// SPDX-License-Identifier: MIT
// Which names the global object has, how they are defined, and that the door to C is not among them.
import { done, equal, same } from "./lib/assert.js";

const interfaces = [
    "AbortController", "AbortSignal", "Blob", "ByteLengthQueuingStrategy", "CountQueuingStrategy", "Crypto",
    "CustomEvent", "DOMException", "DedicatedWorkerGlobalScope", "ErrorEvent", "Event", "EventTarget", "Headers",
    "MessageChannel", "MessageEvent", "MessagePort", "Performance", "PromiseRejectionEvent",
    "ReadableByteStreamController", "ReadableStream", "ReadableStreamBYOBReader", "ReadableStreamBYOBRequest",
    "ReadableStreamDefaultController", "ReadableStreamDefaultReader", "Request", "Response", "SubtleCrypto",
    "TransformStream", "TransformStreamDefaultController", "URL", "URLSearchParams", "Worker", "WorkerCloseEvent",
    "WorkerGlobalScope", "WorkerLocation", "WorkerNavigator", "WritableStream", "WritableStreamDefaultController",
    "WritableStreamDefaultWriter",
];
for (const name of interfaces) {
    const d = Object.getOwnPropertyDescriptor(globalThis, name);
    same([d.writable, d.enumerable, d.configurable], [true, false, true], name);
    equal(d.value.name, name);
    equal(Object.prototype.toString.call(d.value.prototype), `[object ${name}]`);
    const p = Object.getOwnPropertyDescriptor(d.value, "prototype");
    same([p.writable, p.enumerable, p.configurable], [false, false, false], name);
    for (const [key, member] of Object.entries(Object.getOwnPropertyDescriptors(d.value.prototype))) {
        equal(member.enumerable, key !== "constructor", `${name}.${key}`);
    }
}
const functions = {
    clearInterval: 0, clearTimeout: 0, close: 0, fetch: 1, postMessage: 1, queueMicrotask: 1, reportError: 1,
    setInterval: 1, setTimeout: 1, structuredClone: 1,
};
for (const [name, length] of Object.entries(functions)) {
    const d = Object.getOwnPropertyDescriptor(globalThis, name);
    same([d.writable, d.enumerable, d.configurable], [true, true, true], name);
    equal(d.value.name, name);
    equal(d.value.length, length, name);
    equal("prototype" in d.value, false, name);
}
const engine = new Set(Object.getOwnPropertyNames(globalThis));
for (const name of ["ops", "__cay_ops", "__cay_glue", "boot", "require", "process", "Deno", "gc"]) {
    equal(engine.has(name), false, name);
    equal(name in globalThis, false, name);
}
equal(self, globalThis);
equal(Object.getPrototypeOf(globalThis), DedicatedWorkerGlobalScope.prototype);
done();
