// SPDX-License-Identifier: MIT
// Starts as many workers as the argument says and stays, for run.py to look at the process.
import { args, spawn } from "./compat.mjs";

const COUNT = Number(args[0] ?? 0);
const WAVE = 20;
const STAY_MS = 600000;

const alive = [];

function wave(n) {
    return new Promise((resolve) => {
        let heard = 0;
        for (let i = 0; i < n; i++) {
            alive.push(spawn("idle-worker.mjs", () => (++heard === n ? resolve() : undefined)));
        }
    });
}

while (alive.length < COUNT) {
    await wave(Math.min(WAVE, COUNT - alive.length));
}
setTimeout(() => {}, STAY_MS);
console.log("READY " + alive.length);
