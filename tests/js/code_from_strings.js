// SPDX-License-Identifier: MIT
// Code from strings is off: eval and the function constructors throw EvalError, also by way of a child.
import { test, equal, throws, done } from "./lib/assert.js";

test("eval", () => throws(() => eval("1 + 1"), "EvalError", /--allow-eval/));
test("new Function", () => throws(() => new Function("return 1"), "EvalError"));
test("constructor of a function", () => throws(() => (() => {}).constructor("return 1")(), "EvalError"));
test("async and generators", () => {
  throws(() => (async () => {}).constructor("return 1"), "EvalError");
  throws(() => (function* () {}).constructor("return 1"), "EvalError");
});
test("eval of something else gives it back", () => equal(eval(7), 7));
done();
