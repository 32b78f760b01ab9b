// SPDX-License-Identifier: MIT
// A small object between two workers over a port that was transferred to each; the main script is
// not on the way.
import { result, spawn } from "./compat.mjs";

function start(onMessage) {
    return new Promise((resolve) => {
        const child = spawn("port-worker.mjs", (value) => {
            if (value === "up") {
                resolve(child);
            } else {
                onMessage(value);
            }
        });
    });
}

const { port1, port2 } = new MessageChannel();
let echoing;
let measured;
const ready = new Promise((resolve) => (echoing = resolve));
const done = new Promise((resolve) => (measured = resolve));

const answerer = await start(echoing);
const driver = await start(measured);
answerer.post({ role: "echo", port: port2 }, [port2]);
await ready;
driver.post({ role: "drive", port: port1 }, [port1]);
result(await done);
answerer.terminate();
driver.terminate();
