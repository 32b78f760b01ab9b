// SPDX-License-Identifier: MIT
// A replacement that makes 400 MB of 1 MB.
// expect: memory|heap|engine|turn-cpu|main-module
// limits: memory=32M;turn-cpu=5s
// loses: thread
// peak: 1800
"x".repeat(2 ** 20).replace(/x/g, "y".repeat(400)).charCodeAt(5);
throw new Error("there was room for a string of 400 MB");
