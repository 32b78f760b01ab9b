// SPDX-License-Identifier: MIT
// Stack traces name the file and line of the guest.
import { done, ok } from "./lib/assert.js";

function inner() {
    return new Error("here").stack;
}
const stack = inner();
ok(stack.startsWith("Error: here\n    at inner (file:///"), "first frame");
ok(/stack_traces\.js:6:\d+/.test(stack), "position");
done();
