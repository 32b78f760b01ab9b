// SPDX-License-Identifier: MIT
// The smallest program: run it with `cay run examples/js/hello.js you`.
//
// A script is an ES module, so `await` works at the top. What follows the file name is in cay.args.
const who = cay.args[0] ?? "world";
console.log(`Hello, ${who}! This is ${navigator.userAgent}.`);

await new Promise((resolve) => setTimeout(resolve, 10));
console.log("A script has no files, no network and no environment unless they are granted:");
console.log("  typeof require:", typeof require, " typeof process:", typeof process);
