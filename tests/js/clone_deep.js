// SPDX-License-Identifier: MIT
// A value too deep to walk gives an error, and the worker goes on.
import { done, equal } from "./lib/assert.js";

let deep = {};
for (let i = 0; i < 200000; i++) {
    deep = { deep };
}
let failed = false;
try {
    structuredClone(deep);
} catch (e) {
    failed = e instanceof Error;
}
equal(failed, true);
equal(structuredClone({ a: 1 }).a, 1);

let fits = [];
for (let i = 0; i < 200; i++) {
    fits = [fits];
}
let depth = 0;
for (let at = structuredClone(fits); at.length === 1; at = at[0]) {
    depth++;
}
equal(depth, 200);
done();
