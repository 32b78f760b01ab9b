// SPDX-License-Identifier: MIT
// The handler of `limit` takes the memory that is left, and more.
// expect: memory|heap
// limits: memory=32M;turn-cpu=10s
// tells: memory
const list = [];
const fill = () => {
    for (;;) {
        list.push({ x: list.length, y: [1, 2, 3] });
    }
};
addEventListener("limit", fill);
setInterval(() => {
    for (let i = 0; i < 20000; i++) {
        list.push({ x: list.length, y: [1, 2, 3] });
    }
}, 0);
