// SPDX-License-Identifier: MIT
// JSON written and read in a loop.
// expect: turn-cpu
// limits: turn-cpu=200ms
const o = new Array(1000).fill({ a: [1, 2, { b: "text" }] });
for (;;) {
    JSON.parse(JSON.stringify(o));
}
