// SPDX-License-Identifier: MIT
// Messages of a quarter of a gigabyte, to the host, to itself and to a child.
// expect: closed|memory|heap|lost
// limits: memory=64M;turn-cpu=10s
// loses: thread
// peak: 1500
const { port1 } = new MessageChannel();
const w = new Worker("data:text/javascript,onmessage = () => {}");
w.onerror = (e) => e.preventDefault();
const big = "x".repeat(2 ** 28);
let refused = 0;
for (const send of [(v) => postMessage(v), (v) => port1.postMessage(v), (v) => w.postMessage(v), structuredClone]) {
    try {
        send(big);
    } catch {
        refused++;
    }
}
if (refused < 3) {
    throw new Error(`${4 - refused} messages of 256 MB were taken`);
}
close();
