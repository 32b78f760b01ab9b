// SPDX-License-Identifier: MIT
// server: http
// flags: --allow-net=127.0.0.1:{port}
// args: http://127.0.0.1:{port}
// Redirects: followed, refused, or shown; methods and bodies as the standard has it.
import { done, equal, rejects, same } from "./lib/assert.js";

const [base] = cay.args;
const to = (path, more = "") => `${base}/redirect?to=${encodeURIComponent(path)}${more}`;
const r = await fetch(to("/hello"));
same([r.redirected, r.url, r.status, await r.text()], [true, `${base}/hello`, 200, "hello"]);
equal((await fetch(to("/hello", "&n=9"))).status, 200);
await rejects(fetch(to("/hello", "&n=50")), "TypeError", /redirect/);
await rejects(fetch(to("/hello"), { redirect: "error" }), "TypeError", /redirect/);
const shown = await fetch(to("/hello", "&status=307"), { redirect: "manual" });
same([shown.status, shown.headers.get("location"), shown.redirected], [307, "/hello", false]);
const send = async (status, method) => (await fetch(to("/echo", `&status=${status}`), { method, body: "content" })).json();
for (const [status, method, after, body] of [[301, "POST", "GET", ""], [302, "POST", "GET", ""], [303, "PUT", "GET", ""],
    [302, "PUT", "PUT", "content"], [307, "POST", "POST", "content"], [308, "PATCH", "PATCH", "content"]]) {
    const got = await send(status, method);
    same([got.method, got.body], [after, body], `${status} ${method}`);
}
await rejects(fetch(to("data:,x")), "TypeError");
await rejects(fetch(to("file:///etc/passwd")), "TypeError");
done();
