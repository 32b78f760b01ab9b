// SPDX-License-Identifier: MIT
// From `new Worker` to the first message of that worker, one worker after the other. The workers of
// a batch stay alive until it is over, so that no termination is in the time.
import { pause, result, spawn } from "./compat.mjs";
import { timed } from "./measure.mjs";

const BATCH = 20;
const BATCHES = 3;

const alive = [];

function spawnOne() {
    return new Promise((resolve) => {
        alive.push(spawn("idle-worker.mjs", resolve));
    });
}

async function batch(n) {
    for (let i = 0; i < n; i++) {
        await spawnOne();
    }
}

async function clear() {
    for (const child of alive.splice(0)) {
        child.terminate();
    }
    await pause(100);
}

await batch(5);
await clear();
const samples = [];
for (let i = 0; i < BATCHES; i++) {
    samples.push((await timed(batch, BATCH)) / BATCH);
    await clear();
}
result({ n: BATCH, samples });
