// SPDX-License-Identifier: MIT
// Event objects with large details.
// expect: memory|heap
// limits: memory=32M;turn-cpu=10s
const list = [];
for (let i = 0; ; i++) {
    list.push(new CustomEvent(`type${i}`, { detail: [i, i, i] }));
}
