// SPDX-License-Identifier: MIT
// The same against the CPU of a whole life, told at 80 per cent.
// expect: cpu
// limits: cpu=400ms;turn-cpu=400ms
// tells: cpu
addEventListener("limit", () => {
    for (;;);
});
setInterval(() => {
    const until = Date.now() + 10;
    while (Date.now() < until);
}, 0);
