// SPDX-License-Identifier: MIT
// A port that its own channel carries about is refused; one that comes back can be used.
// expect: closed
// limits: turn-cpu=5s
const a = new MessageChannel();
const b = new MessageChannel();
let refused = 0;
for (const [through, port] of [[a.port1, a.port1], [a.port1, a.port2]]) {
    try {
        through.postMessage(1, [port]);
    } catch (e) {
        refused += e.name === "DataCloneError";
    }
}
b.port2.onmessage = (e) => {
    e.ports[0].onmessage = () => close();
    a.port2.postMessage("back");
};
b.port1.postMessage(1, [a.port1]);
if (refused !== 1 && refused !== 2) {
    throw new Error(`refused ${refused}`);
}
