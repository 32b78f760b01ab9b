// SPDX-License-Identifier: MIT
// Messages wait for start(): addEventListener does not start a port, setting onmessage does.
import { done, once, same, sleep } from "./lib/assert.js";

const seen = [];
const a = new MessageChannel();
a.port1.addEventListener("message", (e) => seen.push(`listener ${e.data}`));
a.port2.postMessage(1);
await sleep(10);
same(seen, []);
const arrived = once(a.port1, "message");
a.port1.start();
a.port1.start();
await arrived;
same(seen, ["listener 1"]);

const b = new MessageChannel();
b.port2.postMessage(2);
await sleep(5);
await new Promise((resolve) => {
    b.port1.onmessage = (e) => {
        seen.push(`handler ${e.data}`);
        resolve();
    };
});
same(seen, ["listener 1", "handler 2"]);
done();
