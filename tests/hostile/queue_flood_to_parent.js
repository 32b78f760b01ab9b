// SPDX-License-Identifier: MIT
// Children post to a parent that is busy.
// expect: closed
// limits: memory=64M;turn-cpu=5s
// peak: 300
const source = `for (;;) {
    try {
        postMessage("x".repeat(1000));
    } catch {
        // The parent is busy.
    }
}`;
for (let i = 0; i < 3; i++) {
    const w = new Worker(`data:text/javascript,${encodeURIComponent(source)}`);
    w.onerror = (e) => e.preventDefault();
}
const until = Date.now() + 500;
while (Date.now() < until);
close();
