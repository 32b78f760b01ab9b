// SPDX-License-Identifier: MIT
// Static imports: names, default, namespace, live bindings; evaluated once, dependencies first.
import { done, equal, same } from "./lib/assert.js";
import fallback, { counter, increment, log as order } from "./lib/module_a.js";
import * as again from "./lib/module_a.js";

equal(fallback, "default of a");
equal(counter, 0);
increment();
equal(counter, 1);
equal(again.counter, 1);
same(order, ["b", "a"]);
same(Object.keys(again), ["counter", "default", "increment", "log"]);
equal(again[Symbol.toStringTag], "Module");
done();
