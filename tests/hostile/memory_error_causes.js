// SPDX-License-Identifier: MIT
// A chain of causes.
// expect: memory|heap
// limits: memory=32M;turn-cpu=10s
// not-under: asan
let error = new Error("first");
for (;;) {
    error = new Error("next", { cause: error });
}
