// SPDX-License-Identifier: MIT
// flags: --allow-eval --allow-wasm --allow-fine-clock
// A switch that is revoked holds at once for what is made from then on.
import { done, equal, throws } from "./lib/assert.js";

const bytes = new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]);
const early = new Function("return 4");
equal(eval("1 + 1"), 2);
new WebAssembly.Module(bytes);

for (const name of ["eval", "wasm", "fine-clock"]) {
    equal((await cay.permissions.query({ name })).state, "granted");
    equal((await cay.permissions.revoke({ name })).state, "denied");
}
throws(() => eval("1 + 1"), "EvalError");
throws(() => new Function("return 4"), "EvalError");
throws(() => new WebAssembly.Module(bytes), "CompileError");
equal(early(), 4, "what was made before");
for (let i = 0; i < 1000; i++) {
    equal(Number.isInteger(performance.now()), true);
}
throws(() => new Worker("data:text/javascript,", { cay: { permissions: { eval: true } } }), "NotCapable");
done();
