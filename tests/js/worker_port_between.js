// SPDX-License-Identifier: MIT
// A port handed from worker to worker connects them without the parent.
import { child, done, equal, receive } from "./lib/assert.js";

const a = child("onmessage = (e) => { e.data.postMessage('from a'); e.data.onmessage = (m) => postMessage(m.data); }");
const b = child("onmessage = (e) => { e.data.onmessage = (m) => e.data.postMessage(m.data + ', answered by b'); }");
const { port1, port2 } = new MessageChannel();
const answer = receive(a);
a.postMessage(port1, [port1]);
b.postMessage(port2, [port2]);
equal(await answer, "from a, answered by b");
a.terminate();
b.terminate();
done();
