// SPDX-License-Identifier: MIT
// expect: stdout~^default: \d+ms\nx: \d+ms more 1\nx: \d+ms\nok\n$
// expect: stderr~^Timer "x" already exists\nTimer "x" does not exist\nCount for "c" does not exist\n$
// Timers of the console.
import { done, sleep } from "./lib/assert.js";

console.time();
console.time("x");
console.time("x");
await sleep(2);
console.timeEnd();
console.timeLog("x", "more", 1);
console.timeEnd("x");
console.timeEnd("x");
console.countReset("c");
done();
