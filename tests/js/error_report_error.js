// SPDX-License-Identifier: MIT
// reportError takes anything and behaves as if it had been thrown.
import { done, equal, throws } from "./lib/assert.js";

const seen = [];
addEventListener("error", (e) => {
    seen.push(e.error);
    e.preventDefault();
});
const error = new Error("reported");
const values = [error, "text", 5, null, undefined, { a: 1 }, Symbol("s")];
for (const value of values) {
    reportError(value);
}
equal(seen.length, values.length);
values.forEach((value, i) => equal(seen[i], value));
throws(() => reportError(), "TypeError");
done();
