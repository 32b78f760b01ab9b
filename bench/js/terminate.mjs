// SPDX-License-Identifier: MIT
// From terminate() to the event that says a worker in an endless loop has ended.
//
// One latency is shorter than a step of the clock. Each is therefore begun at a random point
// within a step (a spin of random length), which makes the mean of many true although each alone
// is rounded.
import { fail, pause, result, spawn } from "./compat.mjs";

const TIMES = 20;
const LOOP_MS = 4;
const NEVER_MS = 2000;

function spin(rounds) {
    let x = 1;
    for (let i = 0; i < rounds; i++) {
        x = (Math.imul(x, 1664525) + 1013904223) | 0;
    }
    return x;
}

function roundsPerStep() {
    let rounds = 100000;
    for (;;) {
        const start = performance.now();
        spin(rounds);
        const ms = performance.now() - start;
        if (ms >= 20) {
            return rounds / ms;
        }
        rounds *= 2;
    }
}

function looping() {
    return new Promise((resolve) => {
        const child = spawn("loop-worker.mjs", (value) => {
            if (value === "up") {
                child.post("loop");
            } else {
                resolve(child);
            }
        });
    });
}

// Milliseconds, or null when no event came.
async function latency(step) {
    const child = await looping();
    await pause(LOOP_MS);
    spin(Math.floor(Math.random() * step));
    return new Promise((resolve) => {
        const timer = setTimeout(() => resolve(null), NEVER_MS);
        child.onEnd(() => {
            const ms = performance.now() - start;
            clearTimeout(timer);
            resolve(ms);
        });
        const start = performance.now();
        child.terminate();
    });
}

const step = roundsPerStep();
const each = [];
for (let i = 0; i <= TIMES; i++) {
    const ms = await latency(step);
    if (ms === null) {
        fail("no event");
        break;
    }
    each.push(ms);
}
if (each.length > TIMES) {
    each.shift();
    result({ n: TIMES, samples: [each.reduce((a, b) => a + b, 0) / TIMES], each });
}
