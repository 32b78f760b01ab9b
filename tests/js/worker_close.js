// SPDX-License-Identifier: MIT
// close(): the task that runs goes on, later ones do not; what was posted before arrives, then `close`.
import { child, done, equal, once, same } from "./lib/assert.js";

const worker = child(`
    postMessage("before");
    setTimeout(() => postMessage("never"), 0);
    close();
    postMessage("after");
    queueMicrotask(() => postMessage("never"));
`);
const seen = [];
worker.onmessage = (e) => seen.push(e.data);
const event = await once(worker, "close");
same(seen.includes("before"), true);
same(seen.includes("never"), false);
equal(event.reason, "closed");
equal(event.exitCode, 0);
done();
