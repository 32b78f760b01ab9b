// SPDX-License-Identifier: MIT
// Promises that never settle, over many turns of the microtask queue.
// expect: memory
// limits: memory=32M;turn-cpu=10s
const list = [];
const fill = async () => {
    for (;;) {
        list.push(new Promise(() => {}));
        await 1;
    }
};
await fill();
