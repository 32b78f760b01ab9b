// SPDX-License-Identifier: MIT
// Dynamic import: the same instance as static import, relative to the module, with errors as rejections.
import { done, equal, rejects, same, source } from "./lib/assert.js";
import * as assert from "./lib/assert.js";

equal(await import("./lib/assert.js"), assert);
equal(await import(import.meta.resolve("./lib/assert.js")), assert);
const both = await Promise.all([import("./lib/dynamic.js"), import("./lib/dynamic.js")]);
equal(both[0], both[1]);
equal(both[0].evaluations, 1);
equal((await import("./lib/dynamic.js?other")).default === both[0].default, false);
equal((await import(source("export const x = 5"))).x, 5);
await rejects(import("./lib/no-such-module.js"));
await rejects(import("bare-specifier"), "TypeError");
await rejects(import("http://127.0.0.1:1/"));
await rejects(import(source("export const = 1")), "SyntaxError");
await rejects(import(source("throw new RangeError('inside')")), "RangeError", /inside/);
await rejects(import({ toString() { throw new EvalError("specifier"); } }), "EvalError");
same([typeof import("./lib/dynamic.js").then], ["function"]);
done();
