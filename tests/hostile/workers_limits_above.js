// SPDX-License-Identifier: MIT
// Limits above those of the creator are refused by name, at once.
// expect: closed
// limits: memory=64M;cpu=10s;timers=100;queue=50;stack=256K
let refused = 0;
for (const limits of [
    { memory: 128 * 2 ** 20 }, { memory: Infinity }, { cpu: 20000 }, { timers: 101 }, { queue: 51 }, { stack: 2 ** 20 },
    { workers: 65 }, { depth: 17 }, { ports: 1e6 }, { turnCpu: 1e6 },
]) {
    try {
        new Worker("data:text/javascript,0", { cay: { limits } });
    } catch (e) {
        refused++;
    }
}
if (refused !== 10) {
    throw new Error(`refused ${refused} of 10`);
}
close();
