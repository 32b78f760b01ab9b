// SPDX-License-Identifier: MIT
// Strings of 16 MB, doubled and made flat.
// expect: memory|heap
// limits: memory=32M;turn-cpu=10s
// loses: thread
const list = [];
for (let i = 0; ; i++) {
    let s = `x${i % 10}`;
    while (s.length < 2 ** 24) {
        s += s;
    }
    s.charCodeAt(s.length - 1);
    /x$/.test(s);
    list.push(s);
}
