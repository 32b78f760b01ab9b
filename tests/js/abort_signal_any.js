// SPDX-License-Identifier: MIT
// AbortSignal.any follows its sources, and sources of sources; reasons come before events.
import { done, equal, same, throws } from "./lib/assert.js";

const a = new AbortController();
const b = new AbortController();
const first = AbortSignal.any([a.signal, b.signal]);
const second = AbortSignal.any(new Set([first]));
const seen = [];
a.signal.addEventListener("abort", () => seen.push(`a ${first.aborted} ${second.aborted}`));
first.addEventListener("abort", () => seen.push("first"));
second.addEventListener("abort", () => seen.push("second"));
a.abort("why");
same(seen, ["a true true", "first", "second"]);
equal(first.reason, "why");
equal(second.reason, "why");
b.abort("later");
equal(first.reason, "why");
equal(AbortSignal.any([AbortSignal.abort(1), a.signal]).reason, 1);
equal(AbortSignal.any([]).aborted, false);
throws(() => AbortSignal.any([{}]), "TypeError");
throws(() => AbortSignal.any(1), "TypeError");

// Many short-lived dependents of one long-lived source.
const source = new AbortController();
for (let i = 0; i < 20000; i++) {
    AbortSignal.any([source.signal]);
}
const kept = AbortSignal.any([source.signal]);
source.abort();
equal(kept.aborted, true);
done();
