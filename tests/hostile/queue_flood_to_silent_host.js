// SPDX-License-Identifier: MIT
// Posts to a host that reads nothing: it is refused when the queue is full, and cannot fill the process.
// expect: closed
// limits: turn-cpu=10s
// host: silent
// peak: 200
let posted = 0;
let name = "";
try {
    for (; posted < 1e6; posted++) {
        postMessage({ number: posted, text: "x".repeat(1000) });
    }
} catch (e) {
    ({ name } = e);
}
if (name !== "QuotaExceededError") {
    throw new Error(`${posted} messages, then ${name}`);
}
close();
