// SPDX-License-Identifier: MIT
// Functions, each with a context of its own.
// expect: memory|heap
// limits: memory=32M;turn-cpu=10s
const list = [];
for (let i = 0; ; i++) {
    const text = [i, i, i];
    list.push(() => text[i]);
}
