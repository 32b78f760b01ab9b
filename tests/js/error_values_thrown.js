// SPDX-License-Identifier: MIT
// Anything may be thrown: the message says what it was, and a hostile value does no harm.
import { done, equal, sleep } from "./lib/assert.js";

const messages = [];
addEventListener("error", (e) => {
    messages.push(e.message);
    e.preventDefault();
});
const values = [
    "text", 5, null, undefined, { toString() { throw new Error("no"); } }, Object.create(null),
    new Proxy({}, { get() { throw new Error("trap"); } }),
    Object.defineProperty(new Error("x"), "stack", { get() { throw new Error("stack"); } }),
    Object.defineProperty(new Error("x"), "message", { get() { throw new Error("message"); } }),
];
for (const value of values) {
    setTimeout(() => {
        throw value;
    }, 0);
}
await sleep(20);
equal(messages.length, values.length);
for (const message of messages) {
    equal(typeof message, "string");
}
equal(messages[0].includes("text"), true);
done();
