// SPDX-License-Identifier: MIT
// A worker that is terminated while one getter of its uncaught exception runs does not get to run the next.
import { done, equal } from "./lib/assert.js";

const source = `
    throw {
        message: "m",
        get name() { postMessage("reading"); for (;;); },
        get stack() { for (;;); },
    };`;
const worker = new Worker(`data:text/javascript,${encodeURIComponent(source)}`);
setTimeout(() => worker.terminate(), 150);
worker.onclose = (event) => {
    equal(event.reason, "terminated");
    done();
};
