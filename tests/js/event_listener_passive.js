// SPDX-License-Identifier: MIT
// preventDefault does nothing inside a passive listener.
import { done, equal } from "./lib/assert.js";

const target = new EventTarget();
target.addEventListener("x", (e) => e.preventDefault(), { passive: true });
const first = new Event("x", { cancelable: true });
equal(target.dispatchEvent(first), true);
equal(first.defaultPrevented, false);
target.addEventListener("x", (e) => e.preventDefault());
const second = new Event("x", { cancelable: true });
equal(target.dispatchEvent(second), false);
equal(second.defaultPrevented, true);
done();
