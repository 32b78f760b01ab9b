// SPDX-License-Identifier: MIT
// An idle worker that nobody terminates does not keep the command from ending.
import { child, done, receive } from "./lib/assert.js";

const worker = child("onmessage = () => {}; postMessage('idle')");
await receive(worker);
setTimeout(done, 5);
