// SPDX-License-Identifier: MIT
// name, origin and performance may be replaced, as the standard says; self may not.
import { done, equal, throws } from "./lib/assert.js";

equal(name, "");
globalThis.name = { any: "thing" };
equal(globalThis.name.any, "thing");
globalThis.performance = 5;
equal(globalThis.performance, 5);
throws(() => {
    globalThis.self = 1;
}, "TypeError");
throws(() => importScripts("x.js"), "TypeError");
throws(() => Object.getOwnPropertyDescriptor(globalThis, "self").get.call({}), "TypeError");
throws(() => postMessage.call({}, 1), "TypeError");
done();
