// SPDX-License-Identifier: MIT
// Requests cannot set what the transport sets; a received response's headers cannot be changed.
import { done, equal, throws } from "./lib/assert.js";

const refused = ["Host", "Content-Length", "Connection", "Transfer-Encoding", "Keep-Alive", "Upgrade", "TE", "Trailer",
    "Expect", "Proxy-Connection", "HTTP2-Settings"];
for (const name of refused) {
    const pattern = new RegExp(`"${name.toLowerCase()}"`);
    throws(() => new Request("http://x/", { headers: { [name]: "1" } }), "TypeError", pattern);
    throws(() => new Request("http://x/").headers.set(name, "1"), "TypeError", pattern);
    throws(() => new Request("http://x/").headers.append(name, "1"), "TypeError", pattern);
    equal(new Headers({ [name]: "1" }).get(name), "1");
    equal(new Response("", { headers: { [name]: "1" } }).headers.get(name), "1");
}
const r = new Request("http://x/", { headers: { Cookie: "a", Origin: "b", Referer: "c", "User-Agent": "d", Date: "e" } });
equal(r.headers.get("cookie"), "a");
equal(r.headers.get("user-agent"), "d");
for (const response of [Response.error(), Response.redirect("http://x/"), await fetch("data:,x")]) {
    throws(() => response.headers.set("a", "b"), "TypeError");
    throws(() => response.headers.append("a", "b"), "TypeError");
    throws(() => response.headers.delete("a"), "TypeError");
}
done();
