// SPDX-License-Identifier: MIT
// Many ports in one message, each still connected to its own partner.
import { done, equal, once, receive } from "./lib/assert.js";

const carrier = new MessageChannel();
const pairs = Array.from({ length: 100 }, () => new MessageChannel());
const ports = pairs.map((p) => p.port1);
carrier.port1.postMessage(ports, ports);
carrier.port2.start();
const { data } = await once(carrier.port2, "message");
for (let i = 0; i < 100; i++) {
    data[i].postMessage(i);
}
for (let i = 0; i < 100; i++) {
    const got = receive(pairs[i].port2);
    pairs[i].port2.start();
    equal(await got, i);
    pairs[i].port2.close();
}
done();
