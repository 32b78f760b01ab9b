// SPDX-License-Identifier: MIT
// Each message is answered by two.
// expect: cpu|memory|uncaught
// limits: memory=64M;cpu=500ms
// peak: 300
const { port1, port2 } = new MessageChannel();
port2.onmessage = (e) => {
    try {
        port2.postMessage(e.data);
        port2.postMessage(e.data);
    } catch {
        // Full.
    }
};
port1.onmessage = (e) => {
    try {
        port1.postMessage(e.data);
        port1.postMessage(e.data);
    } catch {
        // Full.
    }
};
port1.postMessage([1, 2, 3]);
