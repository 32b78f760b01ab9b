// SPDX-License-Identifier: MIT
// Blob: parts of each kind, slices, types, reading.
import { done, equal, same, throws } from "./lib/assert.js";

const b = new Blob(["a\u20ac", new Uint8Array([1, 2]), new Uint8Array([3, 4]).buffer, new DataView(new ArrayBuffer(1)), 7,
    new Blob(["in"])], { type: "Text/Plain" });
equal(b.size, 4 + 2 + 2 + 1 + 1 + 2);
equal(b.type, "text/plain");
same([...await b.bytes()], [0x61, 0xe2, 0x82, 0xac, 1, 2, 3, 4, 0, 0x37, 0x69, 0x6e]);
equal(await b.slice(0, 4).text(), "a\u20ac");
equal(await b.slice(-2).text(), "in");
equal(await b.slice(-3, -1, "x/y").text(), "7i");
equal(b.slice(0, 1, "X/Y").type, "x/y");
equal(b.slice(5, 2).size, 0);
equal(b.slice(NaN, Infinity).size, b.size);
equal(b.slice(3, 6).slice(1, 2).size, 1);
same([...await b.slice(3, 6).bytes()], [0xac, 1, 2]);
equal(new Blob().size, 0);
equal(new Blob([], { type: "a\u00e9" }).type, "");
equal(await new Blob(["a\r\nb\rc\n"], { endings: "native" }).text(), "a\nb\nc\n");
equal(await new Blob(["a\r\nb"]).text(), "a\r\nb");
equal(await new Blob(["\ud800"]).text(), "\ufffd");

// What is inside never changes.
const source = new Uint8Array([1]);
const kept = new Blob([source]);
source[0] = 9;
const out = await kept.arrayBuffer();
new Uint8Array(out)[0] = 8;
(await kept.bytes())[0] = 7;
same([...await kept.bytes()], [1]);

let total = 0;
let chunks = 0;
for await (const chunk of new Blob([new Uint8Array(200000), "tail"]).stream()) {
    total += chunk.length;
    chunks++;
}
same([total, chunks > 2], [200004, true]);

for (const wrong of ["text", 1, null, {}, new Date()]) {
    throws(() => new Blob(wrong), "TypeError");
}
throws(() => new Blob([], 1), "TypeError");
throws(() => new Blob([], { endings: "x" }), "TypeError");
throws(() => Blob.prototype.slice.call({}), "TypeError", /Illegal invocation/);
throws(() => structuredClone(b), "DataCloneError");
Object.prototype.parts = [1]; // must not be taken for a blob's
equal(await new Blob([new Uint8Array([65])]).text(), "A");
delete Object.prototype.parts;
done();
