// SPDX-License-Identifier: MIT
// A long text comes out whole, in the order of the calls.
// expect: stdout~^x{200000}\n0\n1\n2\n.*\n1999\nok\n$
import { done } from "./lib/assert.js";

console.log("x".repeat(200000));
for (let i = 0; i < 2000; i++) {
    console.log(i);
}
done();
