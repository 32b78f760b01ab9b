// SPDX-License-Identifier: MIT
// server: http
// flags: --allow-net=127.0.0.1:{port}
// args: http://127.0.0.1:{port}
// A response's body as a stream: chunks as they come, held back while nobody reads, ended by cancel.
import { done, equal, ok, sleep } from "./lib/assert.js";

const [base] = cay.args;
let text = "";
let chunks = 0;
for await (const chunk of (await fetch(`${base}/drip?n=4&ms=30`)).body) {
    text += String.fromCharCode(...chunk);
    chunks++;
}
equal(text, "chunk 0\nchunk 1\nchunk 2\nchunk 3\n");
ok(chunks > 1, "more than one chunk");

const size = 5_000_000;
const sum = (bytes, from) => bytes.every((b, i) => b === (from + i) % 251);
let total = 0;
for await (const chunk of (await fetch(`${base}/bytes?n=${size}`)).body) {
    ok(sum(chunk, total), "the right bytes");
    total += chunk.length;
}
equal(total, size);
const whole = await (await fetch(`${base}/bytes?n=${size}`)).bytes();
ok(whole.length === size && sum(whole, 0));
const [a, b] = (await fetch(`${base}/bytes?n=${size}`)).body.tee();
equal((await Promise.all([new Response(a).bytes(), new Response(b).bytes()])).every((x) => x.length === size), true);

// A reader that brings its memory.
const byob = (await fetch(`${base}/drip?n=2&ms=20`)).body.getReader({ mode: "byob" });
let view = new Uint8Array(5);
let read = "";
for (;;) {
    const step = await byob.read(view);
    if (step.done) {
        break;
    }
    read += String.fromCharCode(...step.value);
    view = new Uint8Array(5);
}
equal(read, "chunk 0\nchunk 1\n");

// Nobody reads: the sender is held back. Then cancel hangs up.
const get = async (path) => Number(await (await fetch(`${base}/${path}`)).text());
const endless = await fetch(`${base}/endless?key=held`);
let before = -1;
let sent = 0;
for (let same = 0; same < 5; same = sent > 0 && sent === before ? same + 1 : 0) {
    before = sent;
    await sleep(20);
    sent = await get("sent?key=held");
}
ok(sent < 64_000_000, "held back");
const reader = endless.body.getReader();
equal((await reader.read()).done, false);
await reader.cancel("enough");
while (await get("gone?key=held") === 0) {
    await sleep(5);
}
equal((await reader.read()).done, true);
done();
