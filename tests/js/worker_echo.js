// SPDX-License-Identifier: MIT
// A worker and its parent talk; name, url relative to the main module, options.
import { done, equal, once, receive, same } from "./lib/assert.js";

const worker = new Worker("./lib/echo.js", { type: "module", name: "echo" });
worker.postMessage({ hello: 1 });
const event = await once(worker, "message");
equal(event.target, worker);
equal(event.isTrusted, true);
same(event.data, { name: "echo", got: { hello: 1 }, file: "echo.js" });
worker.postMessage(2);
equal((await receive(worker)).got, 2);
const other = new Worker(new URL("./lib/echo.js", import.meta.url));
other.postMessage(3);
equal((await receive(other)).name, "");
worker.terminate();
other.terminate();
done();
