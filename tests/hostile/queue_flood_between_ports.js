// SPDX-License-Identifier: MIT
// Posts to a port that nobody started.
// expect: closed
// limits: memory=64M;turn-cpu=10s
// peak: 300
const { port1, port2 } = new MessageChannel();
let posted = 0;
let name = "";
try {
    for (; posted < 1e6; posted++) {
        port1.postMessage("x".repeat(100));
    }
} catch (e) {
    ({ name } = e);
}
if (name !== "QuotaExceededError") {
    throw new Error(`${posted} messages, then ${name}`);
}
port2.start();
close();
