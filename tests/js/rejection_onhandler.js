// SPDX-License-Identifier: MIT
// onunhandledrejection: false prevents.
import { done, equal, sleep } from "./lib/assert.js";

let calls = 0;
onunhandledrejection = (e) => {
    calls++;
    equal(e.reason, 1);
    return false;
};
Promise.reject(1);
await sleep(5);
equal(calls, 1);
done();
