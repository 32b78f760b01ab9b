// SPDX-License-Identifier: MIT
// Methods and attributes refuse objects that only look like the real ones.
import { done, equal, throws } from "./lib/assert.js";

const classes = [
    AbortController, AbortSignal, CustomEvent, DOMException, ErrorEvent, Event, MessageChannel, MessageEvent,
    MessagePort, Performance, PromiseRejectionEvent, URL, URLSearchParams, Worker, WorkerCloseEvent,
    WorkerLocation, WorkerNavigator,
];
let checked = 0;
for (const Class of classes) {
    for (const [key, d] of Object.entries(Object.getOwnPropertyDescriptors(Class.prototype))) {
        if (key === "constructor" || (d.value !== undefined && typeof d.value !== "function")) {
            continue;
        }
        const f = d.get ?? d.value;
        for (const fake of [{}, Object.create(Class.prototype), 5, new Proxy(new Event("x"), {}), [], () => {}]) {
            throws(() => Reflect.apply(f, fake, ["a", "b"]), "TypeError");
            checked++;
        }
    }
}
equal(checked > 400, true);
done();
