// SPDX-License-Identifier: MIT
// Imports without end, one after the other: what was loaded stays loaded.
// expect: memory|heap|cpu|main-module
// limits: memory=32M;cpu=15s;turn-cpu=15s
// within: 40
for (let i = 0; ; i++) {
    await import(`data:text/javascript,export let a = ${i}; export const text = "${"x".repeat(1000)}"`);
}
