// SPDX-License-Identifier: MIT
// A port is handed down through ten workers and its partner talks to the last, until all are terminated.
// expect: closed
// limits: memory=512M;depth=12
const source = `
    onmessage = (e) => {
        const [n, text] = e.data;
        if (n === 0) {
            e.ports[0].onmessage = () => e.ports[0].postMessage("pong");
            e.ports[0].postMessage("there");
            return;
        }
        const w = new Worker("data:text/javascript," + encodeURIComponent(text));
        w.postMessage([n - 1, text], [e.ports[0]]);
    };`;
const { port1, port2 } = new MessageChannel();
const w = new Worker(`data:text/javascript,${encodeURIComponent(source)}`);
w.postMessage([10, source], [port2]);
let n = 0;
port1.onmessage = () => {
    if (++n > 50) {
        w.terminate();
        close();
    }
    port1.postMessage("ping");
};
