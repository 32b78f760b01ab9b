// SPDX-License-Identifier: MIT
// expect: stdout~^a 1 true null undefined 5n -0\nx=7 y=1\.5 \{"a":1\} 100% done\n\{ a: \[ 1, 2 \], b: Map\(1\) \{ 'k' => Set\(1\) \{ 1 \} \} \}\n\[ 1, <1 empty item>, 3 \] \[class A\] \[Function: f\] Symbol\(s\)\n<ref \*1> \{ self: \[Circular \*1\] \}\nPromise \{ 1 \} Promise \{ <pending> \}\nok\n$
// What console.log makes of its arguments.
import { done } from "./lib/assert.js";

console.log("a", 1, true, null, undefined, 5n, -0);
console.log("x=%i y=%d %j 100% done", 7.9, 1.5, { a: 1 });
console.log({ a: [1, 2], b: new Map([["k", new Set([1])]]) });
console.log([1, , 3], class A {}, function f() {}, Symbol("s"));
const cycle = {};
cycle.self = cycle;
console.log(cycle);
console.log(Promise.resolve(1), new Promise(() => {}));
done();
