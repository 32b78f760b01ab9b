// SPDX-License-Identifier: MIT
// Headers: construction from each form, values combined, names without case.
import { done, equal, same, throws } from "./lib/assert.js";

const h = new Headers({ "X-One": "1", accept: " text/plain\t" });
equal(h.get("x-one"), "1");
equal(h.get("ACCEPT"), "text/plain");
equal(h.get("missing"), null);
h.append("X-One", "2");
equal(h.get("x-one"), "1, 2");
equal(h.has("X-ONE"), true);
h.set("x-one", "3");
equal(h.get("X-One"), "3");
h.delete("x-one");
equal(h.has("x-one"), false);
h.delete("x-one");

same([...new Headers([["b", "2"], ["a", "1"], ["b", "3"]])], [["a", "1"], ["b", "2, 3"]]);
same([...new Headers(new Headers({ x: "y" }))], [["x", "y"]]);
same([...new Headers(new Map([["m", "n"]]))], [["m", "n"]]);
same([...new Headers(undefined)], []);
same([...new Headers({ n: 7, u: undefined })], [["n", "7"], ["u", "undefined"]]);
equal(new Headers({ "x-latin": "caf\u00e9" }).get("x-latin"), "caf\u00e9");
equal(new Headers({ empty: "" }).get("empty"), "");

for (const wrong of [null, 1, "text", [["a"]], [["a", "b", "c"]], [1], { "": "x" }, { "a b": "x" }, { "a:": "x" },
    { "a\r\nb": "x" }, { a: "x\r\ny: z" }, { a: "x\ny" }, { a: "x\0y" }, { a: "\u0100" }, { "\u00e9": "x" }]) {
    throws(() => new Headers(wrong), "TypeError");
}
throws(() => h.append("a"), "TypeError");
throws(() => h.get(""), "TypeError");
throws(() => h.has("a b"), "TypeError");
throws(() => h.set("a", Symbol("s")), "TypeError");
throws(() => Headers.prototype.get.call({}, "a"), "TypeError", /Illegal invocation/);
throws(() => Headers({}), "TypeError");
// Line ends at the ends are white space, inside they are refused.
equal(new Headers({ a: "\r\n b \n" }).get("a"), "b");
done();
