// SPDX-License-Identifier: MIT
// A once listener is gone before it runs, so that it may add itself again.
import { done, equal } from "./lib/assert.js";

const target = new EventTarget();
let calls = 0;
target.addEventListener("x", () => calls++, { once: true });
target.dispatchEvent(new Event("x"));
target.dispatchEvent(new Event("x"));
equal(calls, 1);

let nested = 0;
function again() {
    nested++;
    if (nested < 3) {
        target.addEventListener("y", again, { once: true });
        target.dispatchEvent(new Event("y"));
    }
}
target.addEventListener("y", again, { once: true });
target.dispatchEvent(new Event("y"));
equal(nested, 3);
done();
