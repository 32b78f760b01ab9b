// SPDX-License-Identifier: MIT
// Classes, each with a map and a prototype of its own.
// expect: memory|heap
// limits: memory=32M;turn-cpu=10s
// not-under: asan
const list = [];
for (let i = 0; ; i++) {
    const C = class {
        static #own = i;
        [`method${i}`]() {
            return C.#own;
        }
    };
    const o = new C();
    o[`field${i}`] = i;
    list.push(o);
}
