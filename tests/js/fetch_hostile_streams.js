// SPDX-License-Identifier: MIT
// server: http
// flags: --allow-net=127.0.0.1:{port}
// args: http://127.0.0.1:{port}
// Streams that lie, throw or are tampered with break the guest's own fetches only.
import { done, equal, rejects } from "./lib/assert.js";

const [base] = cay.args;
const post = (body) => fetch(`${base}/body`, { method: "POST", body, duplex: "half" });
// A forged stream, and one whose inner state was changed.
const forged = Object.create(ReadableStream.prototype);
forged._readableStreamController = {};
forged._state = "readable";
await post(forged).catch(() => {});
const tampered = new ReadableStream();
tampered._readableStreamController._queue = null;
tampered._state = "closed";
await post(tampered).catch(() => {});
for (const chunk of [1, "x", null, undefined, {}, [1], new Uint16Array(1), new ArrayBuffer(1), new Proxy(new Uint8Array(1), {}),
    new DataView(new ArrayBuffer(1)), Object.create(Uint8Array.prototype)]) {
    await rejects(post(ReadableStream.from([chunk])), "TypeError");
    await rejects(new Response(ReadableStream.from([chunk])).text(), "TypeError");
}
// A chunk that is detached before it is read is empty.
const gone = new Uint8Array(8);
const later = new ReadableStream({ start(c) { c.enqueue(gone); c.close(); } });
structuredClone(gone.buffer, { transfer: [gone.buffer] });
equal(await new Response(later).text(), "");
// A response's stream has its inner functions called at will.
const r = await fetch(`${base}/bytes?n=3000000`);
const controller = r.body._readableStreamController;
for (let i = 0; i < 5; i++) {
    try {
        for (const algorithm of [controller._pullAlgorithm, controller._cancelAlgorithm, controller._pullAlgorithm]) {
            algorithm?.call(undefined, controller)?.catch?.(() => {});
        }
    } catch {
        // The guest's own stream.
    }
}
await r.bytes().catch(() => {});
// Thenables from everywhere.
let thens = 0;
Object.defineProperty(Object.prototype, "then", { configurable: true, get() { thens++; return undefined; } });
const seen = await fetch(`${base}/drip?n=2&ms=5`);
for (const reader = seen.body.getReader(); ;) {
    const { done: end } = await reader.read();
    if (end) {
        break;
    }
}
delete Object.prototype.then;
equal(thens > 0, true);
const { constructor } = Promise.prototype;
Object.defineProperty(Promise.prototype, "constructor", { configurable: true, get() { throw new RangeError("species"); } });
const poisoned = fetch(`${base}/hello`);
Object.defineProperty(Promise.prototype, "constructor", { configurable: true, value: constructor, writable: true });
equal(await (await poisoned).text(), "hello");
const { call, apply } = Function.prototype;
const given = new ReadableStream({ start(c) { c.close(); } });
Function.prototype.call = Function.prototype.apply = () => { throw new RangeError("patched"); };
let blocked;
try {
    blocked = new Response(given).text();
} catch {
    blocked = Promise.reject(new RangeError("the guest's own"));
}
Function.prototype.call = call;
Function.prototype.apply = apply;
await blocked.catch(() => {});
equal(await (await fetch(`${base}/hello`)).text(), "hello");
done();
