// SPDX-License-Identifier: MIT
// The close event comes exactly once, last, with reason, exit code and usage.
import { child, done, equal, once, same, sleep } from "./lib/assert.js";

const worker = child("onmessage = (e) => { postMessage(e.data); cay.exit(7); }");
const seen = [];
worker.addEventListener("message", (e) => seen.push(`message ${e.data}`));
worker.addEventListener("error", () => seen.push("error"));
worker.addEventListener("close", () => seen.push("close"));
let handler = 0;
worker.onclose = () => handler++;
worker.postMessage("x");
const event = await once(worker, "close");
equal(event.constructor.name, "WorkerCloseEvent");
equal(event.target, worker);
equal(event.exitCode, 7);
equal(event.reason, "closed");
equal(Object.isFrozen(event.usage), true);
for (const key of ["cpuMs", "wallMs", "peakHeap", "messagesIn", "messagesOut"]) {
    equal(typeof event.usage[key], "number", key);
}
same([event.usage.messagesIn, event.usage.messagesOut], [1, 1]);
worker.postMessage("ignored");
worker.terminate();
worker.terminate();
await sleep(10);
same(seen, ["message x", "close"]);
equal(handler, 1);
done();
