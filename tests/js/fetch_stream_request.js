// SPDX-License-Identifier: MIT
// server: http
// flags: --allow-net=127.0.0.1:{port}
// args: http://127.0.0.1:{port}
// A stream as the body of a request: sent chunk by chunk, pulled as the network takes it.
import { done, equal, ok, rejects, sleep } from "./lib/assert.js";

const [base] = cay.args;
const encoder = (s) => Uint8Array.from(s, (c) => c.charCodeAt(0));
const send = (stream, path = "body", more = {}) =>
    fetch(`${base}/${path}`, { method: "POST", body: stream, duplex: "half", ...more });
const parts = ["one ", "", "two ", "three"];
const slow = new ReadableStream({
    async pull(c) {
        await sleep(5);
        parts.length > 0 ? c.enqueue(encoder(parts.shift())) : c.close();
    },
});
equal(await (await send(slow)).text(), "one two three");
equal(await (await send(new ReadableStream({ start(c) { c.close(); } }))).text(), "");
const echo = await (await send(ReadableStream.from([encoder("x")]), "echo")).json();
ok(echo.headers.some(([name, value]) => name.toLowerCase() === "transfer-encoding" && value === "chunked"));

// Larger than what is kept on the way.
let left = 40;
const big = new ReadableStream({
    pull(c) {
        left-- > 0 ? c.enqueue(new Uint8Array(300_000).fill(left)) : c.close();
    },
}, { highWaterMark: 0 });
const back = await (await send(big)).bytes();
equal(back.length, 12_000_000);
ok(back[0] === 39 && back[300_000] === 38 && back[11_999_999] === 0);

// A body straight from another response.
const piped = await fetch(`${base}/bytes?n=2000000`);
equal((await (await send(piped.body)).bytes()).length, 2_000_000);
equal(piped.bodyUsed, true);

// A stream that fails, or gives no bytes, fails the fetch.
const broken = await rejects(send(new ReadableStream({ pull(c) { c.error(new RangeError("mine")); } })), "TypeError", /fetch failed/);
equal(broken.cause.message, "mine");
await rejects(send(ReadableStream.from(["text"])), "TypeError", /fetch failed/);

// The server answers, and hangs up, before all is sent: the stream is cancelled.
let cancelled;
const reason = new Promise((resolve) => { cancelled = resolve; });
const endless = new ReadableStream({
    async pull(c) {
        await sleep(1);
        c.enqueue(new Uint8Array(10_000));
    },
    cancel: cancelled,
});
await send(endless, "early").then((r) => r.text(), (error) => equal(error.name, "TypeError"));
ok(await reason instanceof Error);
// A stream in use cannot be sent, and is used afterwards.
const locked = new ReadableStream();
locked.getReader();
await rejects(send(locked), "TypeError");
done();
