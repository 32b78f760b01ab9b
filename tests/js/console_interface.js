// SPDX-License-Identifier: MIT
// console is a namespace object whose methods need no receiver.
import { done, equal, same } from "./lib/assert.js";

equal(Object.prototype.toString.call(console), "[object console]");
const names = [
    "assert", "clear", "count", "countReset", "debug", "dir", "dirxml", "error", "group", "groupCollapsed",
    "groupEnd", "info", "log", "table", "time", "timeEnd", "timeLog", "trace", "warn",
];
same(Object.keys(console).sort(), names);
const proto = Object.getPrototypeOf(console);
equal(Object.getPrototypeOf(proto), Object.prototype);
same(Reflect.ownKeys(proto), []);
const { log } = console;
log("no receiver");
console.clear();
const d = Object.getOwnPropertyDescriptor(globalThis, "console");
same([d.writable, d.enumerable, d.configurable], [true, false, true]);
done();
