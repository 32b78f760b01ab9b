// SPDX-License-Identifier: MIT
// An uncaught error with a hundred thousand causes.
// expect: main-module
// limits: memory=128M;turn-cpu=10s
let e = new Error("first");
for (let i = 0; i < 1e5; i++) {
    e = new Error(`cause ${i}`, { cause: e });
}
throw e;
