// SPDX-License-Identifier: MIT
// Regular expressions, each compiled.
// expect: memory|heap
// limits: memory=32M;turn-cpu=15s
// not-under: asan
const list = [];
for (let i = 0; ; i++) {
    const r = new RegExp(`(a${i}|b{1,20}|c+?(?:d|e|f)*){1,9}g${i}`, "u");
    r.exec("aabcdefghij");
    r.exec("xx\u0400");
    list.push(r);
}
