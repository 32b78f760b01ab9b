// SPDX-License-Identifier: MIT
// A port in whose queue a port waits cannot be posted itself, so what waits never nests; a port that was read can.
// expect: closed
// limits: memory=64M;turn-cpu=10s
const inner = new MessageChannel();
const outer = new MessageChannel();
outer.port1.postMessage("inner", [inner.port2]);
const beyond = new MessageChannel();
let name = "";
try {
    beyond.port1.postMessage("outer", [outer.port2]);
} catch (e) {
    ({ name } = e);
}
if (name !== "DataCloneError") {
    throw new Error(`got ${name}`);
}
let hops = 0;
let carrier = new MessageChannel();
const hop = (port) => {
    if (++hops === 2000) {
        port.close();
        close();
        return;
    }
    const next = new MessageChannel();
    next.port2.onmessage = (e) => hop(e.ports[0]);
    next.port1.postMessage(hops, [port]);
    carrier.port1.close();
    carrier = next;
};
hop(inner.port1);
