// SPDX-License-Identifier: MIT
// terminate(): nothing of the worker arrives any more but its close event; a loop does not help it.
import { child, done, equal, once, receive, sleep } from "./lib/assert.js";

const worker = child("postMessage('up'); for (;;) {}");
equal(await receive(worker), "up");
const closed = once(worker, "close");
worker.terminate();
const event = await closed;
equal(event.reason, "terminated");

const talker = child("setInterval(() => postMessage(1), 0)");
await receive(talker);
let late = 0;
talker.onmessage = () => late++;
const gone = once(talker, "close");
talker.terminate();
await gone;
await sleep(10);
equal(late, 0);

// Before it even starts.
const unborn = child("postMessage(1)");
const ended = once(unborn, "close");
unborn.terminate();
equal((await ended).reason, "terminated");
done();
