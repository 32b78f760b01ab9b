// SPDX-License-Identifier: MIT
// server: http
// flags: --allow-net=127.0.0.1:{port}
// args: http://127.0.0.1:{port}
// fetch: what is sent, what comes back, each way to read it.
import { done, equal, ok, rejects, same } from "./lib/assert.js";

const [base] = cay.args;
const r = await fetch(`${base}/hello#fragment`);
same([r.status, r.statusText, r.ok, r.type, r.url, r.redirected], [200, "OK", true, "basic", `${base}/hello`, false]);
equal(r.headers.get("Content-Type"), "text/plain");
equal(r.bodyUsed, false);
equal(await r.text(), "hello");
equal(r.bodyUsed, true);
await rejects(r.text(), "TypeError");
same(await (await fetch(new URL(`${base}/json`))).json(), { a: [1, 2, { b: null }] });
equal(await (await fetch(`${base}/utf8`)).text(), "a\u00e9\u20ac\u{1f600}\ufffd");
equal((await (await fetch(`${base}/utf8`)).arrayBuffer()).byteLength, 14);
same([...(await (await fetch(`${base}/bytes?n=3`)).bytes())], [0, 1, 2]);
const blob = await (await fetch(`${base}/json`)).blob();
same([blob.size, blob.type], [22, "application/json;charset=utf-8"]);

const echo = async (init, input = `${base}/echo`) => (await fetch(input, init)).json();
const headers = (e) => Object.fromEntries(e.headers.map(([name, value]) => [name.toLowerCase(), value]));
const plain = await echo();
equal(plain.method, "GET");
same(Object.keys(headers(plain)).sort(), ["accept", "accept-encoding", "host", "user-agent"]);
equal(headers(plain).accept, "*/*");
equal(headers(plain)["user-agent"], navigator.userAgent);
equal(headers(plain).host, base.slice(7));
const sent = await echo({ method: "post", body: "caf\u00e9", headers: { "X-Latin": "caf\u00e9", accept: "x/y", "user-agent": "me" } });
same([sent.method, sent.body], ["POST", "caf\u00c3\u00a9"]);
same([headers(sent)["content-type"], headers(sent)["content-length"], headers(sent)["x-latin"], headers(sent).accept,
    headers(sent)["user-agent"]], ["text/plain;charset=UTF-8", "5", "caf\u00e9", "x/y", "me"]);
for (const method of ["POST", "PUT", "PATCH", "DELETE", "X-OWN"].slice(0, 4)) {
    equal((await echo({ method, body: new Uint8Array([1, 255]) })).body, "\u0001\u00ff");
}
equal((await echo({ method: "POST" })).headers.some(([name, value]) => name.toLowerCase() === "content-length" && value === "0"), true);
equal((await echo({ method: "OPTIONS" })).method, "OPTIONS");
const head = await fetch(`${base}/hello`, { method: "HEAD" });
same([head.status, head.body, head.headers.get("content-length"), await head.text()], [200, null, "5", ""]);
const empty = await fetch(`${base}/status?code=204`);
same([empty.status, empty.body, await empty.text()], [204, null, ""]);
const zero = await fetch(`${base}/bytes?n=0`);
ok(zero.body !== null);
equal(await zero.text(), "");
const missing = await fetch(`${base}/status?code=404&text=Gone%20Fishing`);
same([missing.ok, missing.status, missing.statusText, await missing.text()], [false, 404, "Gone Fishing", "body"]);
equal(await (await fetch(`${base}/gzip`)).text(), "hello gzip");
const many = (await fetch(`${base}/headers`)).headers;
same([many.getSetCookie(), many.get("x-twice"), many.get("x-latin"), many.get("x-empty")],
    [["a=1", "b=2; Path=/"], "one, two", "caf\u00e9", ""]);
const request = new Request(`${base}/echo`, { method: "PUT", body: "of a request", headers: { "x-a": "1" } });
const echoed = await echo(undefined, request);
same([echoed.method, echoed.body, headers(echoed)["x-a"], request.bodyUsed], ["PUT", "of a request", "1", true]);
await rejects(fetch(request), "TypeError");
equal((await echo({ method: "POST", body: new URLSearchParams("a=1&b=2") })).body, "a=1&b=2");
equal((await echo({ method: "POST", body: new Blob(["bl", "ob"], { type: "a/b" }) })).body, "blob");
done();
