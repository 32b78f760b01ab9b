// SPDX-License-Identifier: MIT
// A join of 256 MB.
// expect: memory|heap|engine|turn-cpu|main-module
// limits: memory=32M;turn-cpu=5s
// loses: thread
// peak: 1200
new Array(2 ** 20).fill("x".repeat(2 ** 8)).join("");
throw new Error("there was room for a string of 256 MB");
