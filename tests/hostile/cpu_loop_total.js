// SPDX-License-Identifier: MIT
// The same against the CPU of a whole life.
// expect: cpu
// limits: cpu=300ms;turn-cpu=300ms
// tells: cpu
const start = Date.now();
const turn = () => {
    const until = Date.now() + 20;
    while (Date.now() < until);
    setTimeout(turn, 0);
};
turn();
