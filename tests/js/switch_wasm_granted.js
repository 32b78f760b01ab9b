// SPDX-License-Identifier: MIT
// flags: --allow-wasm
// With the wasm switch modules compile and run; a child has it only when it is given it.
import { done, equal } from "./lib/assert.js";

// (module (func (export "f") (result i32) i32.const 42))
const bytes = new Uint8Array([
    0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 127, 3, 2, 1, 0, 7, 5, 1, 1, 102, 0, 0, 10, 6, 1, 4, 0, 65, 42, 11,
]);
const instance = new WebAssembly.Instance(new WebAssembly.Module(bytes));
equal(instance.exports.f(), 42);

const source = "data:text/javascript,postMessage(typeof WebAssembly)";
const ask = (permissions) => new Promise((resolve) => {
    const worker = new Worker(source, { cay: { permissions } });
    worker.onmessage = (event) => resolve(event.data);
});
equal(await ask("none"), "undefined");
equal(await ask({ wasm: true }), "object");
equal(await ask({ wasm: "inherit" }), "object");
equal(await ask("inherit"), "object");
done();
