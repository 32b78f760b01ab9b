// SPDX-License-Identifier: MIT
// A graph of thirty levels, each of which names the next twice.
// expect: memory|heap|turn-cpu|main-module
// limits: memory=32M;turn-cpu=5s
// loses: thread
// peak: 1500
let o = { x: "x".repeat(100) };
for (let i = 0; i < 30; i++) {
    o = { a: o, b: o };
}
JSON.stringify(o);
