// SPDX-License-Identifier: MIT
// Posts to a child that never reads.
// expect: closed
// limits: turn-cpu=10s;cpu=20s
// peak: 300
const w = new Worker("data:text/javascript,for (;;);");
w.onerror = (e) => e.preventDefault();
let posted = 0;
let name = "";
try {
    for (; posted < 1e6; posted++) {
        w.postMessage("x".repeat(100));
    }
} catch (e) {
    ({ name } = e);
}
if (name !== "QuotaExceededError") {
    throw new Error(`${posted} messages, then ${name}`);
}
close();
