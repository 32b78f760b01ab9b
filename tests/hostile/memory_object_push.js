// SPDX-License-Identifier: MIT
// Small objects without end.
// expect: memory
// limits: memory=32M;turn-cpu=10s
// tells: memory
const list = [];
for (;;) {
    list.push({ x: list.length, y: [1, 2, 3] });
}
