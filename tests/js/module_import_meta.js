// SPDX-License-Identifier: MIT
// import.meta: url and resolve.
import { done, equal, ok, throws } from "./lib/assert.js";

ok(import.meta.url.startsWith("file:///"), "url");
ok(import.meta.url.endsWith("/module_import_meta.js"), "url");
equal(Object.getPrototypeOf(import.meta), null);
equal(import.meta.resolve("./x.js"), new URL("./x.js", import.meta.url).href);
equal(import.meta.resolve("../y.js?q#h"), new URL("../y.js?q#h", import.meta.url).href);
equal(import.meta.resolve("data:text/javascript,1"), "data:text/javascript,1");
throws(() => import.meta.resolve("bare"), "TypeError");
throws(() => import.meta.resolve(), "TypeError");
const { url } = await import("data:text/javascript,export const url = import.meta.url");
ok(url.startsWith("data:text/javascript,"), "url of data:");
done();
