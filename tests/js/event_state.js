// SPDX-License-Identifier: MIT
// Attributes of an event before, while and after it is dispatched.
import { done, equal, same, throws } from "./lib/assert.js";

const target = new EventTarget();
const event = new Event("x", { bubbles: true, cancelable: true, composed: true });
same([event.type, event.bubbles, event.cancelable, event.composed], ["x", true, true, true]);
same([event.target, event.currentTarget, event.eventPhase, event.isTrusted], [null, null, 0, false]);
equal(typeof event.timeStamp, "number");
target.addEventListener("x", (e) => {
    equal(e, event);
    equal(e.target, target);
    equal(e.currentTarget, target);
    equal(e.eventPhase, Event.AT_TARGET);
    equal(e.composedPath()[0], target);
    throws(() => target.dispatchEvent(e), "InvalidStateError");
    e.initEvent("other");
    equal(e.type, "x");
});
target.dispatchEvent(event);
equal(event.target, target);
equal(event.currentTarget, null);
same(event.composedPath(), []);
event.initEvent("other", false, false);
same([event.type, event.bubbles, event.target], ["other", false, null]);
equal(event.returnValue, true);
throws(() => new Event(), "TypeError");
throws(() => Event("x"), "TypeError");
throws(() => target.dispatchEvent({}), "TypeError");
equal(new Event(undefined).type, "undefined");
done();
