// SPDX-License-Identifier: MIT
// expect: stdout~^log\ninfo\ndebug\ndir\nok\n$
// expect: stderr~^error\nwarn\nAssertion failed: no 1\nAssertion failed\nTrace: here\n +at .*console_streams.js:14
// Which method writes to which stream.
import { done } from "./lib/assert.js";

console.log("log");
console.error("error");
console.info("info");
console.warn("warn");
console.debug("debug");
console.assert(true, "yes");
console.assert(false, "no %d", 1);
console.assert(); console.trace("here");
console.dirxml("dir");
done();
