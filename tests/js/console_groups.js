// SPDX-License-Identifier: MIT
// expect: stdout~^a\n  b\n    c\n    d\n  e\nf\ndefault: 1\nx: 1\nx: 2\ndefault: 2\nx: 1\n\nok\n$
// Groups indent every line; counters count.
import { done } from "./lib/assert.js";

console.log("a");
console.group();
console.group("b");
console.log("c\nd");
console.groupEnd();
console.log("e");
console.groupEnd();
console.groupEnd();
console.log("f");
console.count();
console.count("x");
console.count("x");
console.count();
console.countReset("x");
console.count("x");
console.log();
done();
