// SPDX-License-Identifier: MIT
// server: http
// flags: --allow-net=127.0.0.1:{port}
// args: http://127.0.0.1:{port}
// What cannot be fetched rejects: a TypeError that says why, and its cause.
import { done, equal, ok, rejects } from "./lib/assert.js";

const [base] = cay.args;
for (const path of ["reset", "garbage"]) {
    const error = await rejects(fetch(`${base}/${path}`), "TypeError", /^fetch failed: ./);
    equal(error.cause.name, "NetworkError", path);
    ok(error.cause instanceof cay.errors.NetworkError);
}
const short = await fetch(`${base}/short`);
equal(short.status, 200);
await rejects(short.text(), "TypeError", /^fetch failed: ./);
const stream = (await fetch(`${base}/short`)).body.getReader();
equal((await stream.read()).value.length, 10);
await rejects(stream.read(), "TypeError", /^fetch failed: ./);
await rejects(stream.closed, "TypeError");

await rejects(fetch("ftp://x/"), "TypeError", /scheme "ftp:"/);
await rejects(fetch("file:///etc/passwd"), "TypeError", /scheme "file:"/);
await rejects(fetch("about:blank"), "TypeError", /scheme/);
await rejects(fetch("http://["), "TypeError", /URL/);
await rejects(fetch("http://u:p@127.0.0.1/"), "TypeError", /credentials/);
await rejects(fetch(), "TypeError", /1 argument/);
await rejects(fetch(base, { method: "TRACE" }), "TypeError");
await rejects(fetch(base, { body: "x" }), "TypeError");
await rejects(fetch(base, { headers: { host: "evil" } }), "TypeError", /"host"/);
await rejects(fetch(base, { headers: { a: "b\r\nc: d" } }), "TypeError");
await rejects(fetch(base, { integrity: "sha256-AAAA" }), "TypeError", /integrity/);
await rejects(fetch(base, { cache: "only-if-cached", mode: "same-origin" }), "TypeError", /cache/);
const mine = new RangeError("mine");
equal(await rejects(fetch({ toString() { throw mine; } })), mine);
equal(await rejects(fetch(base, { get method() { throw mine; } })), mine);
equal(await (await fetch(`${base}/hello`)).text(), "hello");
done();
