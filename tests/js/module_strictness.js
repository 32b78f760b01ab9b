// SPDX-License-Identifier: MIT
// Modules are strict, `this` is undefined, and globals are shared between them.
import { done, equal, source, throws } from "./lib/assert.js";

equal(this, undefined);
throws(() => {
    notDeclared = 1;
}, "ReferenceError");
globalThis.sharedByModules = { a: 1 };
const { seen } = await import(source("export const seen = globalThis.sharedByModules"));
equal(seen, globalThis.sharedByModules);
done();
