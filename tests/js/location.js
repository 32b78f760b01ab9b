// SPDX-License-Identifier: MIT
// location is the URL of the main module, and cannot be changed.
import { done, equal, ok, throws } from "./lib/assert.js";

equal(location.href, import.meta.url);
equal(String(location), location.href);
equal(location.protocol, "file:");
equal(location.host, "");
ok(location.pathname.endsWith("/location.js"), "pathname");
equal(location.search + location.hash + location.port, "");
equal(location.origin, "null");
throws(() => {
    location.href = "x";
}, "TypeError");
throws(() => {
    globalThis.location = 1;
}, "TypeError");
throws(() => new WorkerLocation(), "TypeError");
throws(() => WorkerLocation.prototype.href, "TypeError");
done();
