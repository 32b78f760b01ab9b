// SPDX-License-Identifier: MIT
// The console is asked to show what is large, wide and deep; past the limit of output it is dropped.
// expect: closed|turn-cpu|memory|heap
// limits: memory=64M;turn-cpu=10s;output=1M
// loses: thread
const wide = new Array(1e6).fill({ a: [1, { b: 2 }] });
const long = "x".repeat(2 ** 24);
const deep = Array.from({ length: 1000 }).reduce((o) => ({ o }), {});
for (let i = 0; i < 20; i++) {
    console.log(wide, long, deep, new Map(wide.slice(0, 1000).map((v, k) => [k, v])), new Uint8Array(1e6));
    console.table(wide.slice(0, 500));
    console.error("%s %o %j", long, wide, deep);
}
close();
