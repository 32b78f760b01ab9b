// SPDX-License-Identifier: MIT
// Thousands of timers, set and cleared.
import { done, equal } from "./lib/assert.js";

let ran = 0;
const ids = [];
for (let i = 0; i < 5000; i++) {
    ids.push(setTimeout(() => ran++, i % 10));
}
equal(new Set(ids).size, 5000);
for (let i = 0; i < 5000; i += 2) {
    clearTimeout(ids[i]);
}
await new Promise((resolve) => {
    setTimeout(resolve, 30);
});
equal(ran, 2500);
done();
