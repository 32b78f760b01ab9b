// SPDX-License-Identifier: MIT
// Without the wasm switch there is no WebAssembly, on the global object or anywhere it could be had from.
import { done, equal } from "./lib/assert.js";

equal("WebAssembly" in globalThis, false);
equal(typeof WebAssembly, "undefined");
equal(Reflect.ownKeys(globalThis).includes("WebAssembly"), false);
done();
