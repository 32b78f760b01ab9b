// SPDX-License-Identifier: MIT
// The global object is an EventTarget; its methods need no receiver.
import { done, equal } from "./lib/assert.js";

let seen;
addEventListener("x", (e) => {
    seen = e.target;
});
equal(dispatchEvent(new Event("x")), true);
equal(seen, self);
const { addEventListener: add } = globalThis;
add("y", () => {
    seen = 2;
});
self.dispatchEvent(new Event("y"));
equal(seen, 2);
equal(self instanceof DedicatedWorkerGlobalScope, true);
equal(self instanceof WorkerGlobalScope, true);
equal(self instanceof EventTarget, true);
done();
