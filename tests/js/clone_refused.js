// SPDX-License-Identifier: MIT
// Objects that belong to the platform or to the engine cannot be cloned.
import { done, equal, throws } from "./lib/assert.js";

const refused = [
    new WeakMap(), new WeakSet(), new WeakRef({}), Promise.resolve(), (function* () {})(),
    new AbortController(), new AbortController().signal, new EventTarget(), new MessageChannel(),
    new MessageChannel().port1, location, navigator, performance, self, new URL("a:b"),
    new URLSearchParams(),
];
refused.forEach((value, i) => {
    const e = throws(() => structuredClone(value), "DataCloneError");
    equal(e instanceof DOMException, true, `value ${i}`);
    equal(e.code, 25);
    throws(() => structuredClone({ deep: [value] }), "DataCloneError");
});
done();
