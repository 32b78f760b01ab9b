// SPDX-License-Identifier: MIT
// A guest's Error.prepareStackTrace and stackTraceLimit do not disturb errors of the platform.
import { child, done, equal, once, throws } from "./lib/assert.js";

Error.prepareStackTrace = () => {
    throw new Error("prepare");
};
Error.stackTraceLimit = Infinity;
throws(() => structuredClone(() => {}), "DataCloneError");
console.trace("t");
const events = [];
addEventListener("error", (e) => {
    events.push(e.message);
    e.preventDefault();
});
reportError(new RangeError("r"));
Error.prepareStackTrace = () => ({ not: "a string" });
reportError(new RangeError("r"));
Object.defineProperty(Error, "stackTraceLimit", { get() { throw new Error("limit"); } });
throws(() => structuredClone(() => {}), "DataCloneError");
reportError(new RangeError("r"));
equal(events.length, 3);
const worker = child("Error.prepareStackTrace = () => { throw 1; }; throw new Error('x')");
worker.onerror = (e) => e.preventDefault();
await once(worker, "close");
done();
