// SPDX-License-Identifier: MIT
// An object with handleEvent is a listener; the method is looked up at each event, `this` is the object.
import { done, equal } from "./lib/assert.js";

const target = new EventTarget();
const listener = {
    calls: 0,
    handleEvent(e) {
        equal(this, listener);
        equal(e.currentTarget, target);
        this.calls++;
    },
};
target.addEventListener("x", listener);
target.dispatchEvent(new Event("x"));
listener.handleEvent = () => {
    listener.calls += 10;
};
target.dispatchEvent(new Event("x"));
equal(listener.calls, 11);
done();
