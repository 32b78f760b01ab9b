// SPDX-License-Identifier: MIT
// A string of half a gigabyte, split into its characters.
// expect: memory|heap|engine
// limits: memory=32M;turn-cpu=10s
// loses: thread
// peak: 2500
// not-under: asan
"x".repeat(2 ** 29 - 24).split("");
