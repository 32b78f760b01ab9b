// SPDX-License-Identifier: MIT
// The same with the limits that a worker has when nothing is said.
// expect: memory|turn-cpu
// not-under: asan
const list = [];
for (;;) {
    list.push({ x: list.length, y: [1, 2, 3] });
}
