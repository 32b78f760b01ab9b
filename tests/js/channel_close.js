// SPDX-License-Identifier: MIT
// close(): what was posted before arrives, what comes after does not, and the other end is told once.
import { done, equal, once, same, sleep } from "./lib/assert.js";

const { port1, port2 } = new MessageChannel();
const seen = [];
port2.onmessage = (e) => seen.push(e.data);
let closes = 0;
port2.addEventListener("close", (e) => {
    closes++;
    equal(e.isTrusted, true);
    equal(e.target, port2);
});
port1.onclose = () => seen.push("own end is not told");
const closed = once(port2, "close");
port1.postMessage(1);
port1.close();
port1.close();
port1.postMessage(2);
await closed;
port2.postMessage(3);
await sleep(5);
same(seen, [1]);
equal(closes, 1);
done();
