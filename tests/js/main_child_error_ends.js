// SPDX-License-Identifier: MIT
// expect: exit=1 stderr~from the child
// An error of a child that nobody handles ends the command too.
import { source } from "./lib/assert.js";

new Worker(source("throw new Error('from the child')"));
setTimeout(() => console.log("not reached"), 5000);
