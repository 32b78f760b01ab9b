// SPDX-License-Identifier: MIT
// Buffers that are transferred count where they wait.
// expect: closed
// limits: memory=64M;turn-cpu=10s
// peak: 300
const { port1 } = new MessageChannel();
let sent = 0;
let name = "";
try {
    for (; sent < 1000; sent++) {
        const buffer = new ArrayBuffer(2 ** 20);
        port1.postMessage(buffer, [buffer]);
    }
} catch (e) {
    ({ name } = e);
}
if (sent > 64 || (name !== "QuotaExceededError" && name !== "RangeError")) {
    throw new Error(`${sent} MB wait, then ${name}`);
}
close();
