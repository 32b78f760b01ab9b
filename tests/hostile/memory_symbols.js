// SPDX-License-Identifier: MIT
// Symbols, half of them registered.
// expect: memory|heap
// limits: memory=32M;turn-cpu=10s
// not-under: asan
// loses: thread
const list = [];
for (let i = 0; ; i++) {
    list.push(Symbol(`own ${i}`), Symbol.for(`registered ${i}`));
}
