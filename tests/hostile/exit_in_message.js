// SPDX-License-Identifier: MIT
// Ends itself while it handles a message, with more waiting.
// expect: closed
// limits: turn-cpu=2s
const { port1, port2 } = new MessageChannel();
port2.onmessage = () => {
    cay.exit(7);
};
for (let i = 0; i < 1000; i++) {
    port1.postMessage(i);
}
