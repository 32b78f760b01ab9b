// SPDX-License-Identifier: MIT
// URLSearchParams: the urlencoded format both ways, its methods, its iterators.
import { done, equal, same, throws } from "./lib/assert.js";

const p = new URLSearchParams("?a=1&b=%C3%A9+x&a=2&&c&=d&e=%ff%zz");
same([...p], [["a", "1"], ["b", "\u00e9 x"], ["a", "2"], ["c", ""], ["", "d"], ["e", "\ufffd%zz"]]);
same([p.get("a"), p.getAll("a"), p.get("no"), p.has("c"), p.has("a", "2"), p.size], ["1", ["1", "2"], null, true, true, 6]);
p.set("a", "9");
equal(String(p), "a=9&b=%C3%A9+x&c=&=d&e=%EF%BF%BD%25zz");
p.sort();
same([...p.keys()], ["", "a", "b", "c", "e"]);
p.delete("b", "other");
p.delete("b");
same([...p.values()], ["d", "9", "", "\ufffd%zz"]);
equal(String(new URLSearchParams([["x", "\u{1f600}~*-._"], ["y", "\ud800"]])), "x=%F0%9F%98%80%7E*-._&y=%EF%BF%BD");
equal(String(new URLSearchParams({ k: 1, [Symbol.for("s")]: 2 }.k === 1 ? { k: 1 } : {})), "k=1");
equal(String(new URLSearchParams(p)), String(p));
equal(new URLSearchParams("a=%F0%90%8D%88%F0%9F").get("a"), "\u{10348}\ufffd");
const seen = [];
p.forEach(function (value, key, object) {
    seen.push(`${key}=${value}`);
    equal(object, p);
    equal(this.x, 1);
}, { x: 1 });
equal(seen.length, 4);
throws(() => new URLSearchParams([["a"]]), "TypeError");
throws(() => new URLSearchParams([1]), "TypeError");
throws(() => p.append("x"), "TypeError");
equal(Object.prototype.toString.call(p.entries()), "[object URLSearchParams Iterator]");
equal(p[Symbol.iterator], p.entries);
done();
