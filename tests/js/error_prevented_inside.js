// SPDX-License-Identifier: MIT
// An error prevented where it happened never reaches the parent.
import { child, done, equal, receive } from "./lib/assert.js";

const worker = child(`
    onerror = (message, file, line, column, error) => {
        postMessage([typeof message, typeof file, line, typeof column, error.message]);
        return true;
    };
    onmessage = () => { throw new Error("inside"); };
`);
let errors = 0;
worker.onerror = () => errors++;
worker.postMessage(0);
const [message, file, line, column, text] = await receive(worker);
equal([message, file, column, text].join(), "string,string,number,inside");
equal(line, 6);
equal(errors, 0);
worker.terminate();
done();
