// SPDX-License-Identifier: MIT
// Headers are walked sorted and combined, each Set-Cookie by itself; changes during a walk are seen.
import { done, equal, same, throws } from "./lib/assert.js";

const h = new Headers([["z", "1"], ["Set-Cookie", "b=2"], ["a", "3"], ["set-cookie", "a=1"], ["Z", "4"]]);
same([...h], [["a", "3"], ["set-cookie", "b=2"], ["set-cookie", "a=1"], ["z", "1, 4"]]);
same([...h.keys()], ["a", "set-cookie", "set-cookie", "z"]);
same([...h.values()], ["3", "b=2", "a=1", "1, 4"]);
same(h.getSetCookie(), ["b=2", "a=1"]);
same(new Headers().getSetCookie(), []);
equal(h.get("set-cookie"), "b=2, a=1");
const seen = [];
h.forEach(function (value, name, object) {
    seen.push(`${name}:${value}`);
    equal(object, h);
    equal(this.x, 1);
}, { x: 1 });
same(seen, ["a:3", "set-cookie:b=2", "set-cookie:a=1", "z:1, 4"]);
const it = h.entries();
equal(it.next().value[0], "a");
h.delete("set-cookie");
equal(it.next().value[0], "z");
equal(it.next().done, true);
equal(Object.prototype.toString.call(it), "[object Headers Iterator]");
throws(() => it.next.call({}), "TypeError");
equal(Headers.prototype[Symbol.iterator], Headers.prototype.entries);
let rounds = 0;
h.forEach((value, name) => {
    if (rounds++ < 20) {
        h.append(`zz${rounds}${name}`, value);
    }
});
equal(rounds > 3, true);
done();
