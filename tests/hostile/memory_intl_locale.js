// SPDX-License-Identifier: MIT
// Locales, each of which holds native memory that is not in the heap.
// expect: memory|heap
// limits: memory=48M;turn-cpu=15s
// not-under: asan
const list = [];
for (let i = 0; ; i++) {
    list.push(new Intl.Locale(`en-Latn-US-u-ca-buddhist-nu-thai-kf-upper`, { numeric: i % 2 === 1 }).maximize());
}
