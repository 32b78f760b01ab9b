// SPDX-License-Identifier: MIT
// 100 workers asked for in one turn: from the first `new Worker` to the message of the last to
// speak.
import { pause, result, spawn } from "./compat.mjs";
import { timed } from "./measure.mjs";

const COUNT = 100;

let alive = [];

function spawnAll(n) {
    return new Promise((resolve) => {
        let heard = 0;
        const one = () => {
            if (++heard === n) {
                resolve();
            }
        };
        alive = Array.from({ length: n }, () => spawn("idle-worker.mjs", one));
    });
}

async function clear() {
    for (const child of alive) {
        child.terminate();
    }
    await pause(100);
}

await spawnAll(2);
await clear();
const samples = [await timed(spawnAll, COUNT)];
await clear();
result({ n: 1, samples });
