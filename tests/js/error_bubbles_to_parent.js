// SPDX-License-Identifier: MIT
// An error that a worker does not handle becomes an ErrorEvent at its parent, with position.
import { done, equal, ok, once } from "./lib/assert.js";

const worker = new Worker(new URL("./lib/throws.js", import.meta.url));
worker.postMessage("throw");
const promise = once(worker, "error");
worker.addEventListener("error", (e) => e.preventDefault());
const event = await promise;
equal(event.constructor, ErrorEvent);
equal(event.cancelable, true);
ok(event.message.includes("on purpose"), "message");
ok(event.filename.endsWith("/lib/throws.js"), "file");
equal(event.lineno, 5);
ok(event.colno > 0, "column");
equal(event.error, null);
// The worker goes on.
worker.postMessage("answer");
const { data } = await once(worker, "message");
equal(data, "still here");
worker.terminate();
done();
