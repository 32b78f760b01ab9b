// SPDX-License-Identifier: MIT
// The same callback is added once for each phase; capture alone tells listeners apart.
import { done, equal } from "./lib/assert.js";

const target = new EventTarget();
let calls = 0;
const f = () => calls++;
target.addEventListener("x", f);
target.addEventListener("x", f, { once: true });
target.addEventListener("x", f, { capture: true });
target.dispatchEvent(new Event("x"));
equal(calls, 2);
target.removeEventListener("x", f);
target.dispatchEvent(new Event("x"));
equal(calls, 3);
target.removeEventListener("x", f, true);
target.dispatchEvent(new Event("x"));
equal(calls, 3);
target.addEventListener("x", null);
target.removeEventListener("x", null);
done();
