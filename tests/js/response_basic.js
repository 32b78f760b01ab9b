// SPDX-License-Identifier: MIT
// Response: construction, its statics, what it refuses.
import { done, equal, same, throws } from "./lib/assert.js";

const r = new Response();
same([r.type, r.status, r.ok, r.statusText, r.url, r.redirected, r.body, r.bodyUsed],
    ["default", 200, true, "", "", false, null, false]);
const made = new Response("x", { status: 404, statusText: "Not Here", headers: { a: "b" } });
same([made.status, made.ok, made.statusText, made.headers.get("a"), made.headers.get("content-type")],
    [404, false, "Not Here", "b", "text/plain;charset=UTF-8"]);
equal(made.headers, made.headers);
equal(Object.prototype.toString.call(made), "[object Response]");
for (const status of [0, 100, 199, 600, 1000, -1, 65536]) {
    throws(() => new Response("", { status }), "RangeError");
}
for (const status of [204, 205, 304]) {
    throws(() => new Response("", { status }), "TypeError");
    equal(new Response(null, { status }).body, null);
}
for (const init of [1, "x", { statusText: "a\nb" }, { statusText: "\u0100" }, { headers: 1 }]) {
    throws(() => new Response("", init), "TypeError");
}
throws(() => Response("x"), "TypeError");
throws(() => Object.getOwnPropertyDescriptor(Response.prototype, "ok").get.call({}), "TypeError", /Illegal invocation/);

const error = Response.error();
same([error.type, error.status, error.ok, error.body], ["error", 0, false, null]);
const redirect = Response.redirect("http://x/\u00e9", 307);
same([redirect.status, redirect.headers.get("location")], [307, "http://x/%C3%A9"]);
equal(Response.redirect("http://x/").status, 302);
throws(() => Response.redirect("http://["), "TypeError");
throws(() => Response.redirect("http://x/", 200), "RangeError");
const json = Response.json({ a: [1, "\u20ac"] }, { status: 201, headers: { b: "c" } });
same([json.status, json.headers.get("content-type"), json.headers.get("b")], [201, "application/json", "c"]);
same(await json.json(), { a: [1, "\u20ac"] });
equal(Response.json(1, { headers: { "content-type": "x/y" } }).headers.get("content-type"), "x/y");
throws(() => Response.json(undefined), "TypeError");
throws(() => Response.json(), "TypeError");
throws(() => Response.json({ toJSON() { throw new RangeError("mine"); } }), "RangeError", /mine/);
throws(() => Response.json(1, { status: 204 }), "TypeError");
done();
