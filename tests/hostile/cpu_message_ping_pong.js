// SPDX-License-Identifier: MIT
// Two ports of one worker answer each other for ever.
// expect: cpu
// limits: cpu=300ms
const { port1, port2 } = new MessageChannel();
port1.onmessage = (e) => port1.postMessage(e.data + 1);
port2.onmessage = (e) => port2.postMessage(e.data + 1);
port1.postMessage(0);
