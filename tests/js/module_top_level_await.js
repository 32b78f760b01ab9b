// SPDX-License-Identifier: MIT
// Top-level await: importers wait, siblings run, order is kept.
import { done, equal, same } from "./lib/assert.js";
import { log, value } from "./lib/tla_slow.js";
import "./lib/tla_sibling.js";

equal(value, 7);
same(log, ["slow begins", "sibling", "slow ends"]);
const begin = performance.now();
await new Promise((resolve) => {
    setTimeout(resolve, 10);
});
equal(performance.now() - begin >= 9, true);
equal(await 5, 5);
for await (const x of [1, Promise.resolve(2)]) {
    log.push(x);
}
same(log.slice(3), [1, 2]);
done();
