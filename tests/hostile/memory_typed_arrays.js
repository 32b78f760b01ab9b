// SPDX-License-Identifier: MIT
// Array buffers are refused once there is no room, and the worker goes on: it can use what it gives back.
// expect: closed
// limits: memory=32M;turn-cpu=10s
let list = [];
let refused = 0;
for (let round = 0; round < 3; round++) {
    try {
        for (;;) {
            list.push(new Uint8Array(2 ** 20).fill(1));
        }
    } catch (e) {
        if (!(e instanceof RangeError) || list.length > 32 || list.length < 8) {
            throw new Error(`${e.message} after ${list.length} MB`);
        }
        refused++;
        list = [];
    }
}
if (refused !== 3) {
    throw new Error(`refused ${refused} times`);
}
close();
