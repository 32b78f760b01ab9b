// SPDX-License-Identifier: MIT
// Messages keep their order, arrive as clones in tasks of their own, with the right event.
import { done, equal, receiveMany, same } from "./lib/assert.js";

const { port1, port2 } = new MessageChannel();
const sent = { a: [1] };
const got = receiveMany(port2, 3);
port1.postMessage(sent);
port1.postMessage(2);
port1.postMessage("three");
sent.a.push(2);
let synchronous = true;
port2.addEventListener("message", (e) => {
    equal(synchronous, false);
    equal(e.target, port2);
    equal(e.isTrusted, true);
    same([e.origin, e.lastEventId, e.source, e.ports], ["", "", null, []]);
}, { once: true });
port2.start();
synchronous = false;
same(await got, [{ a: [1] }, 2, "three"]);
done();
