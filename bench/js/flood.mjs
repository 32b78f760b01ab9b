// SPDX-License-Identifier: MIT
// Messages from a child that posts without waiting for answers, at most 10,000 under way.
import { result, spawn } from "./compat.mjs";
import { measure } from "./measure.mjs";

const CHUNK = 1000;

let child;
let received = 0;
let wanted = 0;
let finished = null;

function onMessage() {
    received++;
    if (received % CHUNK === 0) {
        child.post("ack");
    }
    if (received === wanted) {
        finished();
    }
}

function flood(chunks) {
    return new Promise((resolve) => {
        received = 0;
        wanted = chunks * CHUNK;
        finished = resolve;
        child.post(chunks);
    });
}

await new Promise((resolve) => {
    child = spawn("flood-worker.mjs", (value) => (value === "up" ? resolve() : onMessage()));
});
const { n, samples } = await measure(flood, { minMs: 120, first: 10 });
result({ n: n * CHUNK, samples: samples.map((ms) => ms / CHUNK) });
child.terminate();
