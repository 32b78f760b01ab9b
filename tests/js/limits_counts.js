// SPDX-License-Identifier: MIT
// flags: --max-ports=10 --max-timers=20 --max-queue=5 --max-ops=3 --max-depth=1 --max-output=1K --allow-read
// expect: exit=0 stdout~^ok$
// What can be refused is refused with the limit's name, nothing is lost, and it can be had again afterwards.
import { child, done, equal, once, throws } from "./lib/assert.js";

const channels = [];
for (let i = 0; i < 5; i++) {
    channels.push(new MessageChannel());
}
throws(() => new MessageChannel(), "QuotaExceededError", /10 ports, the limit of ports/);
channels[0].port1.close();
channels[0].port2.close();
channels[0] = new MessageChannel();

const timers = [];
for (let i = 0; i < 20; i++) {
    timers.push(setTimeout(() => {}, 1e6));
}
throws(() => setTimeout(() => {}, 0), "QuotaExceededError", /20 timers, the limit of timers/);
timers.forEach(clearTimeout);
await new Promise((resolve) => setTimeout(resolve, 0));

// Between two ports of one worker: five wait, the sixth is refused, and room is told once half are taken.
const { port1, port2 } = channels[1];
for (let i = 0; i < 5; i++) {
    port1.postMessage(i);
}
const buffer = new ArrayBuffer(8);
throws(() => port1.postMessage(buffer, [buffer]), "QuotaExceededError", /full/);
equal(buffer.byteLength, 8);
const seen = [];
port2.onmessage = (event) => seen.push(event.data);
let drains = 0;
port1.ondrain = () => drains++;
await once(port1, "drain");
port1.postMessage("again");
while (seen.length < 6) {
    await new Promise((resolve) => setTimeout(resolve, 0));
}
equal(seen.join(), "0,1,2,3,4,again");
equal(drains, 1);

// To a worker that does not listen yet.
const worker = child("setTimeout(() => { onmessage = (e) => postMessage(e.data); }, 20);");
let sent = 0;
const fill = () => {
    try {
        for (;;) {
            worker.postMessage(sent);
            sent++;
        }
    } catch (error) {
        equal(error.name, "QuotaExceededError");
    }
};
fill();
equal(sent >= 5, true);
await once(worker, "drain");
worker.postMessage("room");
worker.terminate();

const outcomes = await Promise.all(Array.from({ length: 9 }, () => cay.stat("/").then(() => "ok", (e) => e.message)));
equal(outcomes.some((text) => /limit of ops/.test(text)), true);
equal(outcomes.filter((text) => text === "ok").length >= 1, true);

const nested = child("onmessage = () => {}; try { new Worker('data:text/javascript,1'); } catch (e) { postMessage(e.message); }");
equal((await once(nested, "message")).data, "workers can be nested 1 deep, the limit of depth");
nested.terminate();

const line = "x".repeat(100);
let dropped = 0;
globalThis.onlimit = (event) => dropped++;
for (let i = 0; i < 8; i++) {
    console.error(line);
}
done();
