// SPDX-License-Identifier: MIT
// Web streams are there, with the shape of interfaces, and work together.
import { done, equal, rejects, same, throws } from "./lib/assert.js";

for (const name of ["ByteLengthQueuingStrategy", "CountQueuingStrategy", "ReadableByteStreamController", "ReadableStream",
    "ReadableStreamBYOBReader", "ReadableStreamBYOBRequest", "ReadableStreamDefaultController",
    "ReadableStreamDefaultReader", "TransformStream", "TransformStreamDefaultController", "WritableStream",
    "WritableStreamDefaultController", "WritableStreamDefaultWriter"]) {
    const d = Object.getOwnPropertyDescriptor(globalThis, name);
    same([d.writable, d.enumerable, d.configurable, d.value.name], [true, false, true, name]);
    equal(Object.prototype.toString.call(d.value.prototype), `[object ${name}]`);
}
const upper = new TransformStream({ transform(chunk, c) { c.enqueue(chunk.toUpperCase()); } });
const got = [];
await ReadableStream.from(["a", "b", "c"]).pipeThrough(upper).pipeTo(new WritableStream({ write(chunk) { got.push(chunk); } }));
same(got, ["A", "B", "C"]);

// Pulls come as they are wanted.
let pulls = 0;
const lazy = new ReadableStream({ pull(c) { c.enqueue(pulls++); } }, { highWaterMark: 0 });
equal(pulls, 0);
const reader = lazy.getReader();
equal((await reader.read()).value, 0);
equal(pulls, 1);
throws(() => lazy.getReader(), "TypeError");
reader.releaseLock();
const [one, two] = lazy.tee();
equal((await one.getReader().read()).value, 1);
equal((await two.getReader().read()).value, 1);

// An abort signal stops a pipe, with its reason.
const controller = new AbortController();
const piped = new ReadableStream({ pull() { return new Promise(() => {}); } })
    .pipeTo(new WritableStream(), { signal: controller.signal });
controller.abort(new RangeError("stop"));
await rejects(piped, "RangeError", /stop/);
let signal;
const sink = new WritableStream({ start(c) { signal = c.signal; } });
await sink.abort("over");
same([signal instanceof AbortSignal, signal.aborted, signal.reason], [true, true, "over"]);
const aborted = new AbortController();
aborted.abort();
await rejects(new ReadableStream().pipeTo(new WritableStream(), { signal: aborted.signal }), "AbortError");

// Bytes: the buffer moves, and memory of the reader is filled.
const bytes = new ReadableStream({ type: "bytes", pull(c) { c.enqueue(new Uint8Array([1, 2, 3])); } });
const byob = bytes.getReader({ mode: "byob" });
const buffer = new ArrayBuffer(2);
const { value } = await byob.read(new Uint8Array(buffer));
same([[...value], buffer.byteLength], [[1, 2], 0]);
throws(() => structuredClone(bytes), "DataCloneError");
done();
