// SPDX-License-Identifier: MIT
// An error inside an error handler does not go round in circles.
import { child, done, equal, once } from "./lib/assert.js";

const worker = child(`
    let calls = 0;
    onerror = () => { calls++; throw new Error("again"); };
    onmessage = () => { postMessage(calls); };
    setTimeout(() => { throw new Error("first"); }, 0);
    setTimeout(() => postMessage(calls), 10);
`);
worker.onerror = (e) => e.preventDefault();
equal((await once(worker, "message")).data, 1);
worker.terminate();
done();
