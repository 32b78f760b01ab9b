// SPDX-License-Identifier: MIT
// When a worker ends, the other ends of its ports get `close`, wherever they are.
import { child, done, once, receive } from "./lib/assert.js";

const worker = child("onmessage = (e) => { e.data.postMessage(1); globalThis.keep = e.data; }");
const { port1, port2 } = new MessageChannel();
worker.postMessage(port2, [port2]);
const first = receive(port1);
port1.start();
await first;
const closed = once(port1, "close");
worker.terminate();
await closed;
port1.postMessage("nobody");
done();
