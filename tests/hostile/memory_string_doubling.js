// SPDX-License-Identifier: MIT
// Doubled for ever, with the error for strings that are too long caught.
// expect: memory|heap|turn-cpu
// limits: memory=32M;turn-cpu=3s
// loses: thread
// peak: 1800
const list = [];
for (let i = 0; ; i++) {
    let s = `${i}`;
    try {
        for (;;) {
            s += s;
        }
    } catch {
        list.push(s);
    }
}
