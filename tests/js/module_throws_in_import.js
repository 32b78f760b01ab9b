// SPDX-License-Identifier: MIT
// An import whose evaluation throws: every import of it fails with the very same error.
import { done, equal, rejects } from "./lib/assert.js";

const first = await rejects(import("./lib/throws_always.js"), "RangeError", /always/);
const second = await rejects(import("./lib/throws_always.js"), "RangeError");
equal(first, second);
done();
