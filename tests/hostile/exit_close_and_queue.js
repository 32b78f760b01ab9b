// SPDX-License-Identifier: MIT
// After close() nothing that was set before runs any more.
// expect: closed
// limits: turn-cpu=2s
setTimeout(() => postMessage("timer"), 0);
const { port1, port2 } = new MessageChannel();
port2.onmessage = () => {
    throw new Error("a message came");
};
port1.postMessage(1);
close();
setTimeout(() => {
    throw new Error("a timer came");
}, 0);
