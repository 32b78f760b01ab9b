// SPDX-License-Identifier: MIT
// self.onerror has five arguments and prevents by true; listeners get the event.
import { done, equal, same, sleep } from "./lib/assert.js";

const seen = [];
addEventListener("error", (e) => seen.push(`listener ${e.error?.message} ${e.defaultPrevented}`));
onerror = function (message, file, line, column, error) {
    equal(this, self);
    equal(arguments.length, 5);
    seen.push(`handler ${message.includes(error.message)} ${file.endsWith("error_onerror_forms.js")} ${line > 0} ${column > 0}`);
    return true;
};
addEventListener("error", (e) => seen.push(`last ${e.defaultPrevented}`));
setTimeout(() => {
    throw new Error("e1");
}, 0);
await sleep(10);
same(seen, ["listener e1 false", "handler true true true true", "last true"]);

// An event that is no ErrorEvent goes to the handler as an event.
let argument;
onerror = (e) => {
    argument = e;
};
const plain = new Event("error");
dispatchEvent(plain);
equal(argument, plain);
done();
