// SPDX-License-Identifier: MIT
// env: LSAN_OPTIONS=detect_leaks=0
// V8 chains promises of its own by what a guest may have put here. What it throws there is the guest's own
// loss: import() is rejected, and a module with top-level await ends the worker at worst.
import { done, equal } from "./lib/assert.js";

const { constructor } = Promise.prototype;
function poison() {
    Object.defineProperty(Promise.prototype, "constructor", {
        configurable: true,
        get() { throw new RangeError("species"); },
    });
}
function heal() {
    Object.defineProperty(Promise.prototype, "constructor", { configurable: true, value: constructor });
}

const reasons = ["engine failed", "terminated"]; // the first in V8 10.2
const worker = new Worker(`data:text/javascript,${encodeURIComponent(
    `${poison} poison(); import("data:text/javascript,await 0"); setTimeout(() => postMessage(1), 20);`,
)}`);
worker.onmessage = () => worker.terminate();
worker.onerror = (event) => event.preventDefault();
worker.onclose = (event) => {
    equal(reasons.includes(event.reason), true);
    onunhandledrejection = (rejected) => {
        heal();
        rejected.preventDefault();
        equal(rejected.reason.message, "species");
        done();
    };
    poison();
    import("data:text/javascript,1");
};
