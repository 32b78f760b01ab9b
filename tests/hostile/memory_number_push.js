// SPDX-License-Identifier: MIT
// One array that grows: its backing store is copied into one half again as large each time.
// expect: memory|heap
// limits: memory=32M;turn-cpu=10s
// loses: thread
const list = [];
for (;;) {
    list.push(list.length + 0.5);
}
