// SPDX-License-Identifier: MIT
// Errors keep name, message and stack; foreign names become Error.
import { done, equal, same } from "./lib/assert.js";

for (const Type of [Error, EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError]) {
    const copy = structuredClone(new Type("text"));
    equal(copy instanceof Type, true);
    same([copy.name, copy.message], [Type.name, "text"]);
    equal(typeof copy.stack, "string");
}
class Mine extends Error {
    name = "Mine";
}
const mine = structuredClone(new Mine("m"));
equal(Object.getPrototypeOf(mine), Error.prototype);
equal(mine.message, "m");
const dom = structuredClone(new DOMException("gone", "AbortError"));
equal(dom instanceof Error, true);
equal(dom.message, "gone");
done();
