// SPDX-License-Identifier: MIT
// EventTarget is made to be extended, private fields and all.
import { done, equal, throws } from "./lib/assert.js";

class Counter extends EventTarget {
    #n = 0;
    add() {
        this.#n++;
        return this.dispatchEvent(new CustomEvent("change", { detail: this.#n }));
    }
}
const counter = new Counter();
let last = 0;
counter.addEventListener("change", (e) => {
    last = e.detail;
});
counter.add();
counter.add();
equal(last, 2);
equal(counter instanceof EventTarget, true);
throws(() => EventTarget(), "TypeError");
throws(() => EventTarget.prototype.addEventListener.call({}, "x", () => {}), "TypeError", /Illegal invocation/);
throws(() => counter.addEventListener("x"), "TypeError");
throws(() => counter.addEventListener("x", 1), "TypeError");
done();
