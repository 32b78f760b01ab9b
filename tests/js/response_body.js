// SPDX-License-Identifier: MIT
// Bodies of responses: read once, as a stream, cloned, cancelled.
import { done, equal, rejects, same, throws } from "./lib/assert.js";

const text = async (stream) => {
    let out = "";
    for await (const chunk of stream) {
        equal(chunk instanceof Uint8Array, true);
        out += String.fromCharCode(...chunk);
    }
    return out;
};
equal(await text(new Response("as a stream").body), "as a stream");
equal(await text(new Response("").body), "");
const r = new Response("twice");
equal(r.body, r.body);
equal(r.bodyUsed, false);
equal(await r.text(), "twice");
equal(r.bodyUsed, true);
equal(r.body.locked, true);

// Without a stream before, there is a locked one afterwards.
const late = new Response("late");
await late.text();
equal(late.body.locked, true);
await rejects(late.body.cancel(), "TypeError");

// Two copies, read in either order; memory is not shared.
const first = new Response(new Uint8Array([1, 2, 3]));
const second = first.clone();
new Uint8Array(await first.arrayBuffer()).fill(0);
same([...await second.bytes()], [1, 2, 3]);
const streamed = new Response(new Response("teed").body);
const other = streamed.clone();
same(await Promise.all([other.text(), streamed.text()]), ["teed", "teed"]);
throws(() => streamed.clone(), "TypeError");

// A byte stream: the reader may bring its memory.
const reader = new Response("0123456789").body.getReader({ mode: "byob" });
const step = await reader.read(new Uint8Array(4));
same([step.done, [...step.value]], [false, [48, 49, 50, 51]]);
const rest = await reader.read(new Uint8Array(100));
equal(rest.value.length, 6);
equal((await reader.read(new Uint8Array(4))).done, true);

// A locked or cancelled body cannot be read.
const locked = new Response("locked");
locked.body.getReader();
await rejects(locked.text(), "TypeError");
throws(() => locked.clone(), "TypeError");
const cancelled = new Response("cancelled");
await cancelled.body.cancel("no");
equal(cancelled.bodyUsed, true);
await rejects(cancelled.text(), "TypeError");

// A stream that fails, and what is no stream of bytes.
const failing = new Response(new ReadableStream({ pull(c) { c.error(new RangeError("mine")); } }));
await rejects(failing.text(), "RangeError", /mine/);
await rejects(new Response(new ReadableStream({ start(c) { c.enqueue(1); c.close(); } })).text(), "TypeError", /Uint8Array/);
throws(() => new Response(locked.body), "TypeError", /locked/);

// The guest's own chunks are copied.
const chunk = new Uint8Array([1, 2]);
const own = new Response(new ReadableStream({ start(c) { c.enqueue(chunk); c.close(); } }));
same([...await own.bytes()], [1, 2]);
equal(chunk.length, 2);

const utf8 = new Response(new Uint8Array([0xef, 0xbb, 0xbf, 0x61, 0xff, 0xe2, 0x82]));
equal(await utf8.text(), "a\ufffd\ufffd");
equal((await new Response("x").blob()).type, "text/plain;charset=UTF-8");
equal((await new Response(null).blob()).size, 0);
equal((await new Response(null).arrayBuffer()).byteLength, 0);
await rejects(new Response(null).json(), "SyntaxError");
done();
