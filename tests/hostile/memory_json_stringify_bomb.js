// SPDX-License-Identifier: MIT
// A small array that becomes a text of hundreds of megabytes.
// expect: memory|heap|engine|turn-cpu|main-module
// limits: memory=32M;turn-cpu=5s
// loses: thread
// peak: 1500
JSON.stringify(new Array(2e5).fill("x".repeat(1000)));
throw new Error("there was room for a text of 200 MB");
