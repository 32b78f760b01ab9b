// SPDX-License-Identifier: MIT
// Two modules that wait for each other to be evaluated.
// expect: main-module
// limits: turn-cpu=5s
globalThis.first = "data:text/javascript,await import(globalThis.second)";
globalThis.second = "data:text/javascript,await import(globalThis.first)";
await import(globalThis.first);
