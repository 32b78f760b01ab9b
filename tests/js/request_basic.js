// SPDX-License-Identifier: MIT
// Request: its attributes, defaults, and what it refuses.
import { done, equal, same, throws } from "./lib/assert.js";

const r = new Request("http://Example.com:80/a b?q#f");
same([r.method, r.url, r.body, r.bodyUsed], ["GET", "http://example.com/a%20b?q#f", null, false]);
same([r.cache, r.credentials, r.destination, r.duplex, r.integrity, r.keepalive, r.mode, r.redirect, r.referrer,
    r.referrerPolicy], ["default", "same-origin", "", "half", "", false, "cors", "follow", "about:client", ""]);
equal(r.headers, r.headers);
equal(r.signal, r.signal);
equal(r.signal.aborted, false);
equal(Object.prototype.toString.call(r), "[object Request]");
equal(new Request(new URL("https://u.test/")).url, "https://u.test/");
equal(new Request("./x.js").url, new URL("./x.js", location.href).href);

for (const [given, wanted] of [["get", "GET"], ["pOst", "POST"], ["delete", "DELETE"], ["options", "OPTIONS"],
    ["put", "PUT"], ["head", "HEAD"], ["patch", "patch"], ["PATCH", "PATCH"], ["x-own", "x-own"]]) {
    equal(new Request("http://x/", { method: given }).method, wanted);
}
for (const method of ["CONNECT", "trace", "TrAcK", "", "a b", "G\r\nET", "\u00e9"]) {
    throws(() => new Request("http://x/", { method }), "TypeError");
}
for (const init of [1, "x", { mode: "navigate" }, { mode: "x" }, { cache: "x" }, { cache: "only-if-cached" },
    { credentials: "x" }, { redirect: "x" }, { signal: {} }, { signal: 1 }, { duplex: "full" }, { window: {} },
    { referrerPolicy: "x" }, { referrer: "http://[" }, { body: "x" }, { method: "HEAD", body: "" }, { priority: "x" }]) {
    throws(() => new Request("http://x/", init), "TypeError");
}
throws(() => new Request(), "TypeError");
throws(() => new Request("http://["), "TypeError", /URL/);
throws(() => new Request("http://u:p@x/"), "TypeError", /credentials/);
throws(() => Request("http://x/"), "TypeError");
throws(() => Object.getOwnPropertyDescriptor(Request.prototype, "url").get.call({}), "TypeError", /Illegal invocation/);

const full = new Request("http://x/", {
    method: "post", headers: { a: "1" }, body: "text", cache: "no-store", credentials: "omit", integrity: "sha256-x",
    keepalive: 1, mode: "same-origin", redirect: "manual", referrer: "", referrerPolicy: "origin", signal: null,
    window: null, duplex: "half",
});
const copy = new Request(full, { headers: { b: "2" } });
same([copy.method, copy.cache, copy.credentials, copy.integrity, copy.keepalive, copy.mode, copy.redirect],
    ["POST", "no-store", "omit", "sha256-x", true, "same-origin", "manual"]);
equal(copy.headers.get("a"), null);
equal(copy.headers.get("b"), "2");
equal(full.headers.get("content-type"), "text/plain;charset=UTF-8");
equal(full.bodyUsed, true);
equal(await copy.text(), "text");
equal(full.referrer, "");

// Each member is read once, in the alphabetical order of Web IDL.
const order = [];
const members = ["body", "cache", "credentials", "duplex", "headers", "integrity", "keepalive", "method", "mode",
    "priority", "redirect", "referrer", "referrerPolicy", "signal", "window"];
const spy = {};
for (const name of members) {
    Object.defineProperty(spy, name, { get() { order.push(name); return undefined; } });
}
new Request("http://x/", spy);
same(order, members);

// The signal follows the one given.
const controller = new AbortController();
const followed = new Request("http://x/", { signal: controller.signal });
const early = followed.signal;
const cloned = followed.clone().signal;
equal(early === controller.signal, false);
controller.abort("why");
same([early.aborted, early.reason, cloned.reason, new Request(followed).signal.reason], [true, "why", "why", "why"]);
done();
