// SPDX-License-Identifier: MIT
// A text of 8 MB that becomes four million objects.
// expect: memory|heap
// limits: memory=48M;turn-cpu=10s
// not-under: asan
// loses: thread
const list = [];
for (;;) {
    list.push(JSON.parse(`[${"{},".repeat(2e6)}{}]`));
}
