// SPDX-License-Identifier: MIT
// Rules of plurals, each of which holds native memory that is not in the heap.
// expect: memory|heap
// limits: memory=48M;turn-cpu=15s
// not-under: asan
const list = [];
for (let i = 0; ; i++) {
    list.push(new Intl.PluralRules("ar", { minimumIntegerDigits: 1 + i % 21 }));
}
