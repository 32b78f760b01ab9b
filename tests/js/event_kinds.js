// SPDX-License-Identifier: MIT
// CustomEvent, MessageEvent, ErrorEvent, PromiseRejectionEvent: their members and defaults.
import { done, equal, same, throws } from "./lib/assert.js";

equal(new CustomEvent("x").detail, null);
equal(new CustomEvent("x", { detail: 0 }).detail, 0);
const custom = new CustomEvent("x");
custom.initCustomEvent("y", true, true, 5);
same([custom.type, custom.bubbles, custom.detail], ["y", true, 5]);

const message = new MessageEvent("message");
same([message.data, message.origin, message.lastEventId, message.source, message.ports], [null, "", "", null, []]);
const { port1 } = new MessageChannel();
const full = new MessageEvent("message", { data: 1, origin: "o", lastEventId: "i", ports: [port1] });
same([full.data, full.origin, full.lastEventId, full.ports.length], [1, "o", "i", 1]);
equal(full.ports[0], port1);
equal(Object.isFrozen(full.ports), true);

const error = new ErrorEvent("error", { message: "m", filename: "f", lineno: 3, colno: 4, error: 5 });
same([error.message, error.filename, error.lineno, error.colno, error.error], ["m", "f", 3, 4, 5]);
equal(new ErrorEvent("error").error, undefined);

const promise = Promise.resolve();
const rejection = new PromiseRejectionEvent("unhandledrejection", { promise, reason: 7 });
equal(rejection.promise, promise);
equal(rejection.reason, 7);
throws(() => new PromiseRejectionEvent("x", {}), "TypeError");
throws(() => new PromiseRejectionEvent("x"), "TypeError");

for (const C of [CustomEvent, MessageEvent, ErrorEvent, PromiseRejectionEvent]) {
    equal(Object.getPrototypeOf(C), Event);
    equal(Object.getPrototypeOf(C.prototype), Event.prototype);
}
equal(Object.prototype.toString.call(full), "[object MessageEvent]");
done();
