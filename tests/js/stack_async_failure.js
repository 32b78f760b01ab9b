// SPDX-License-Identifier: MIT
// flags: --allow-read=/nonexistent --allow-net=127.0.0.1:1
// An operation that fails later tells which of the guest's async functions waited for it, and nothing of the glue.
import { done, equal } from "./lib/assert.js";

async function load(begin) {
    return await begin();
}
async function stackOf(begin) {
    try {
        await load(begin);
    } catch (error) {
        return error.stack;
    }
    return "nothing was thrown";
}

for (const begin of [
    () => cay.readFile("/nonexistent/x"),
    () => cay.stat("/nonexistent/x"),
    () => cay.open("/nonexistent/x"),
    () => cay.host.nobody(1),
    () => fetch("http://127.0.0.1:1/"),
]) {
    const stack = await stackOf(begin);
    equal(/^\w+: .*\n    at async load \(file:.*stack_async_failure\.js:\d+:\d+\)/.test(stack), true, stack);
    equal(stack.includes("cay:glue"), false, stack);
}

// A refusal comes at once: its stack is where the guest was.
const refused = await stackOf(() => cay.readFile("/etc/passwd"));
equal(/^NotCapable: .*\n    at .*stack_async_failure\.js/.test(refused), true, refused);
equal(refused.includes("cay:glue"), false, refused);
done();
