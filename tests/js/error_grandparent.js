// SPDX-License-Identifier: MIT
// Unhandled all the way: child, parent, then the global object of this worker.
import { child, done, equal, ok } from "./lib/assert.js";

const worker = child(`
    const inner = new Worker("data:text/javascript,throw new Error('deep')");
`);
const seen = [];
worker.onerror = () => {
    seen.push("worker");
};
const event = await new Promise((resolve) => {
    addEventListener("error", (e) => {
        e.preventDefault();
        resolve(e);
    });
});
equal(seen.join(), "worker");
ok(event.message.includes("deep"), "message");
equal(event.error, null);
worker.terminate();
done();
