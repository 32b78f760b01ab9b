// SPDX-License-Identifier: MIT
// expect: stdout~│ \(index\) │ a │ b   │\n├─+┼─+┼─+┤\n│ 0 +│ 1 │ 'x' │\n│ 1 +│ 2 │ +│\n└.*│ \(index\) │ Values │\n.*plain\nok\n$
// Tables of objects, of values, and of what is no table.
import { done } from "./lib/assert.js";

console.table([{ a: 1, b: "x" }, { a: 2 }]);
console.table(["v", 2]);
console.table([{ a: 1, b: 2 }], ["b"]);
console.table("plain");
done();
