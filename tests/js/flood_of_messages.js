// SPDX-License-Identifier: MIT
// Ten thousand messages arrive complete and in order.
import { child, done, equal } from "./lib/assert.js";

const worker = child("for (let i = 0; i < 10000; i++) postMessage(i);");
let next = 0;
await new Promise((resolve) => {
    worker.onmessage = (e) => {
        equal(e.data, next);
        next++;
        if (next === 10000) {
            resolve();
        }
    };
});
worker.terminate();
done();
