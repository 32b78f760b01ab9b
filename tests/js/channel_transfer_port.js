// SPDX-License-Identifier: MIT
// A port is moved: the old object is inert, the new one has what waited, and `ports` lists it.
import { done, equal, once, receive, same, throws } from "./lib/assert.js";

const a = new MessageChannel();
const b = new MessageChannel();
b.port2.postMessage("waiting");
a.port1.postMessage({ port: b.port1 }, [b.port1]);
a.port2.start();
const event = await once(a.port2, "message");
equal(event.ports.length, 1);
equal(Object.isFrozen(event.ports), true);
const moved = event.data.port;
equal(moved, event.ports[0]);
equal(moved instanceof MessagePort, true);
equal(moved === b.port1, false);
const data = receive(moved);
moved.start();
equal(await data, "waiting");
b.port1.postMessage("lost");
const back = receive(b.port2);
moved.postMessage("found");
b.port2.start();
equal(await back, "found");
throws(() => a.port1.postMessage(0, [b.port1]), "DataCloneError");
same(Object.keys(moved), []);
done();
