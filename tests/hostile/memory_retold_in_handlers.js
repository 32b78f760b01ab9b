// SPDX-License-Identifier: MIT
// Catches every error that a full memory can make, and tries again.
// expect: memory|heap
// limits: memory=32M;turn-cpu=10s
// loses: thread
const list = [];
for (;;) {
    try {
        for (;;) {
            list.push(new Array(1000).fill(list.length));
        }
    } catch {
        list.push("again");
    } finally {
        list.push(new Array(1000).fill(0));
    }
}
