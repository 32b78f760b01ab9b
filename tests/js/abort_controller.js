// SPDX-License-Identifier: MIT
// abort() once: reason, event, throwIfAborted; a second call changes nothing.
import { done, equal, throws } from "./lib/assert.js";

const controller = new AbortController();
const { signal } = controller;
equal(controller.signal, signal);
equal(signal.aborted, false);
equal(signal.reason, undefined);
signal.throwIfAborted();
let events = 0;
signal.onabort = (e) => {
    events++;
    equal(e.target, signal);
    equal(e.isTrusted, true);
    equal(signal.aborted, true);
};
const reason = { my: "reason" };
controller.abort(reason);
controller.abort(1);
equal(events, 1);
equal(signal.reason, reason);
try {
    signal.throwIfAborted();
    throw new Error("not reached");
} catch (e) {
    equal(e, reason);
}
const plain = new AbortController();
plain.abort();
equal(plain.signal.reason.name, "AbortError");
equal(plain.signal.reason instanceof DOMException, true);
throws(() => new AbortSignal(), "TypeError");
throws(() => Object.getOwnPropertyDescriptor(AbortSignal.prototype, "aborted").get.call({}), "TypeError");
done();
