// SPDX-License-Identifier: MIT
// A hundred channels share what one worker may have waiting.
// expect: closed
// limits: memory=64M;turn-cpu=10s
// peak: 300
const text = "x".repeat(10000);
let posted = 0;
let refused = 0;
for (let i = 0; i < 100; i++) {
    const { port1 } = new MessageChannel();
    try {
        for (let k = 0; k < 10000; k++) {
            port1.postMessage(text);
            posted++;
        }
    } catch (e) {
        refused += e.name === "QuotaExceededError";
    }
}
if (posted > 10000 || refused < 99) {
    throw new Error(`${posted} messages wait, ${refused} channels refused`);
}
close();
