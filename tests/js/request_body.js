// SPDX-License-Identifier: MIT
// Bodies of requests: each kind, used once, cloned, taken over by another request.
import { done, equal, rejects, same, throws } from "./lib/assert.js";

const post = (body, more) => new Request("http://x/", { method: "POST", body, ...more });
const bytes = new Uint8Array([104, 105, 33]);
const kinds = [
    ["text \u20ac", "text \u20ac", "text/plain;charset=UTF-8"],
    [bytes, "hi!", null],
    [bytes.buffer, "hi!", null],
    [new DataView(bytes.buffer, 1, 1), "i", null],
    [new Uint16Array([0x6161]), "aa", null],
    [new URLSearchParams({ a: "b c" }), "a=b+c", "application/x-www-form-urlencoded;charset=UTF-8"],
    [new Blob(["blob"], { type: "x/y" }), "blob", "x/y"],
    [new Blob(["blob"]), "blob", null],
    [{ toString: () => "object" }, "object", "text/plain;charset=UTF-8"],
    [12, "12", "text/plain;charset=UTF-8"],
];
for (const [body, text, type] of kinds) {
    const r = post(body);
    equal(r.headers.get("content-type"), type);
    equal(r.bodyUsed, false);
    equal(await r.clone().text(), text);
    equal(await r.text(), text);
    equal(r.bodyUsed, true);
    await rejects(r.text(), "TypeError", /used already/);
    await rejects(r.json(), "TypeError");
    throws(() => r.clone(), "TypeError");
    throws(() => new Request(r), "TypeError");
}
equal(post("x", { headers: { "content-type": "own/type" } }).headers.get("content-type"), "own/type");
equal(post(null).body, null);
equal(await post(null).text(), "");
equal(post(null).bodyUsed, false);

// Bytes are copied at the call.
const mutable = new Uint8Array([1, 2, 3]);
const kept = post(mutable);
mutable.fill(9);
same([...new Uint8Array(await kept.arrayBuffer())], [1, 2, 3]);
const detached = new ArrayBuffer(4);
structuredClone(detached, { transfer: [detached] });
equal((await post(detached).arrayBuffer()).byteLength, 0);

// A stream.
const stream = () => new ReadableStream({
    start(c) {
        c.enqueue(new Uint8Array([97]));
        c.enqueue(new Uint8Array([98, 99]));
        c.close();
    },
});
throws(() => post(stream()), "TypeError", /duplex/);
const streamed = post(stream(), { duplex: "half" });
equal(await streamed.clone().text(), "abc");
const taken = new Request(streamed);
equal(streamed.bodyUsed, true);
equal(await taken.text(), "abc");
const locked = stream();
locked.getReader();
throws(() => post(locked, { duplex: "half" }), "TypeError", /locked/);
await rejects(post(new ReadableStream({ start(c) { c.enqueue("text"); } }), { duplex: "half" }).text(), "TypeError", /Uint8Array/);

// json, bytes, blob, formData.
same(await post('{"a":[1]}').json(), { a: [1] });
await rejects(post("{").json(), "SyntaxError");
same([...await post("\u00e9").bytes()], [0xc3, 0xa9]);
const blob = await post("x", { headers: { "content-type": "Text/HTML; Charset=utf-8" } }).blob();
same([blob.type, blob.size], ["text/html;charset=utf-8", 1]);
equal(post("x").formData, undefined);
equal(await post("\ufeffmark").text(), "mark");
await rejects(Request.prototype.text.call({}), "TypeError", /Illegal invocation/);
done();
