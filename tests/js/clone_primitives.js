// SPDX-License-Identifier: MIT
// Primitives and their objects.
import { done, equal, throws } from "./lib/assert.js";

for (const value of [undefined, null, true, false, 0, -0, 1.5, NaN, Infinity, -Infinity, "", "a\u0000b", "\ud800", "\u{1f600}", 0n, -(2n ** 100n)]) {
    equal(structuredClone(value), value);
}
equal(structuredClone(new Boolean(true)).valueOf(), true);
equal(Object.is(structuredClone(new Number(-0)).valueOf(), -0), true);
equal(structuredClone(new String("x")).valueOf(), "x");
equal(structuredClone(Object(5n)).valueOf(), 5n);
throws(() => structuredClone(Symbol("s")), "DataCloneError");
throws(() => structuredClone(Object(Symbol("s"))), "DataCloneError");
throws(() => structuredClone(() => {}), "DataCloneError");
throws(() => structuredClone(class {}), "DataCloneError");
throws(() => structuredClone(), "TypeError");
done();
