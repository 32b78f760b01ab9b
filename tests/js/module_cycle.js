// SPDX-License-Identifier: MIT
// A cycle of imports: functions are there early, variables when they are evaluated.
import { done, equal, throws } from "./lib/assert.js";
import { early, fromB, readB } from "./lib/cycle_a.js";

equal(fromB, "b saw a function");
equal(early, "ReferenceError");
equal(readB(), "value of b");
throws(() => undefinedName, "ReferenceError");
done();
