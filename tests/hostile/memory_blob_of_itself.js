// SPDX-License-Identifier: MIT
// A blob made of itself, doubled.
// expect: closed|memory|heap|turn-cpu
// limits: memory=32M;turn-cpu=5s
// loses: thread
// peak: 900
let blob = new Blob(["0123456789abcdef"]);
try {
    for (let i = 0; i < 60; i++) {
        blob = new Blob([blob, blob]);
    }
    await blob.text();
    throw new Error("a blob of an exabyte could be read");
} catch (e) {
    if (e.message.startsWith("a blob of an")) {
        throw e;
    }
}
close();
