// SPDX-License-Identifier: MIT
// Terminates one endless loop and stays: run.py sees from the CPU time whether the loop really
// ended.
import { pause, spawn } from "./compat.mjs";

const STAY_MS = 30000;

const child = await new Promise((resolve) => {
    const looping = spawn("loop-worker.mjs", (value) => {
        if (value === "up") {
            looping.post("loop");
        } else {
            resolve(looping);
        }
    });
});
await pause(50);
child.terminate();
await pause(300);
setTimeout(() => {}, STAY_MS);
console.log("READY 1");
