// SPDX-License-Identifier: MIT
// The children of a terminated worker end with it: their ports close.
import { child, done, once, receive } from "./lib/assert.js";

const parent = child(`
    const inner = new Worker("data:text/javascript,onmessage = (e) => { globalThis.p = e.data; p.postMessage('in'); }");
    onmessage = (e) => inner.postMessage(e.data, [e.data]);
`);
const { port1, port2 } = new MessageChannel();
parent.postMessage(port2, [port2]);
const up = receive(port1);
port1.start();
await up;
const closed = once(port1, "close");
parent.terminate();
await closed;
done();
