// SPDX-License-Identifier: MIT
// Date, RegExp, Map, Set.
import { done, equal, same } from "./lib/assert.js";

equal(structuredClone(new Date(5)).getTime(), 5);
equal(Number.isNaN(structuredClone(new Date(NaN)).getTime()), true);
const regexp = structuredClone(Object.assign(/a(.)/giu, { lastIndex: 3 }));
same([regexp.source, regexp.flags, regexp.lastIndex], ["a(.)", "giu", 0]);

const key = { k: 1 };
const map = new Map([[key, "v"], ["self", null]]);
map.set("self", map);
const copy = structuredClone(map);
equal(copy.get("self"), copy);
same([...copy.keys()], [{ k: 1 }, "self"]);
const set = structuredClone(new Set([1, "a", NaN]));
same([set.size, set.has(NaN)], [3, true]);
// Changes made by a getter while it is cloned do not crash.
const growing = new Map();
growing.set({ get a() { growing.set(growing.size, 1); return 1; } }, 1);
equal(structuredClone(growing).size, 1);
done();
