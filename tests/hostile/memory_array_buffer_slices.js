// SPDX-License-Identifier: MIT
// Copies of a buffer, by every method that makes one.
// expect: memory|turn-cpu|main-module
// limits: memory=32M;turn-cpu=5s
const bytes = new Uint8Array(2 ** 20).fill(7);
const list = [];
for (;;) {
    list.push(bytes.slice(), bytes.buffer.slice(1), Uint8Array.from(bytes), bytes.map((x) => x), structuredClone(bytes));
}
