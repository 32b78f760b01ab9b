// SPDX-License-Identifier: MIT
// flags: --allow-eval
// With the eval switch code from strings runs, in this worker and in children that are given it.
import { done, equal } from "./lib/assert.js";

equal(eval("1 + 1"), 2);
equal(new Function("a", "return a + 1")(1), 2);
equal((() => {}).constructor("return 3")(), 3);

const source = `data:text/javascript,${encodeURIComponent(
    'let s; try { s = eval("1 + 1") } catch (e) { s = e.name } postMessage(s)',
)}`;
const ask = (permissions) => new Promise((resolve) => {
    const worker = new Worker(source, { cay: { permissions } });
    worker.onmessage = (event) => resolve(event.data);
});
equal(await ask("none"), "EvalError");
equal(await ask({ eval: true }), 2);
done();
