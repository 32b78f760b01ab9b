// SPDX-License-Identifier: MIT
// The console is shown what is deep, wherever it lets itself be told to go on.
// expect: closed|turn-cpu
// limits: memory=128M;turn-cpu=1s
let o = {};
for (let i = 0; i < 1e5; i++) {
    o = i % 2 ? { o } : [o, new Map([[o, i]])];
}
console.log(o, [o], new Set([o]), new Error("e", { cause: o }));
console.dir(o, { depth: Infinity });
console.log("%o %O %s", o, o, o);
close();
