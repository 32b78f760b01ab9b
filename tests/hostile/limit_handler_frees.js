// SPDX-License-Identifier: MIT
// A worker that gives memory back when it is told lives on.
// expect: closed
// limits: memory=48M;turn-cpu=10s;cpu=30s
// within: 40
// tells: memory
let list = [];
let told = 0;
addEventListener("limit", () => {
    list = [];
    if (++told === 1) {
        setTimeout(() => close(), 50);
    }
});
setInterval(() => {
    for (let i = 0; i < 5000; i++) {
        list.push({ x: list.length, y: [1, 2, 3] });
    }
}, 0);
