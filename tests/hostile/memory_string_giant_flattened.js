// SPDX-License-Identifier: MIT
// Half a gigabyte in one piece: V8 10.2 itself gives up.
// expect: memory|heap|engine|main-module
// limits: memory=32M;turn-cpu=10s
// not-under: asan
// loses: thread
// peak: 1800
let s = "x";
while (s.length < 2 ** 28) {
    s += s;
}
/y$/.test(s);
throw new Error("there was room for a string of 256 MB");
