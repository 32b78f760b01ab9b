// SPDX-License-Identifier: MIT
// A hundred thousand listeners and dispatches stay far from quadratic.
import { done, equal } from "./lib/assert.js";

const target = new EventTarget();
let calls = 0;
for (let i = 0; i < 2000; i++) {
    target.addEventListener(`t${i}`, () => calls++);
}
for (let i = 0; i < 100000; i++) {
    target.dispatchEvent(new Event(`t${i % 2000}`));
}
equal(calls, 100000);
done();
