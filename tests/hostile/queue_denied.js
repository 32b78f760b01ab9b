// SPDX-License-Identifier: MIT
// Asks for what is denied, in every way, as often as it can.
// expect: turn-cpu|cpu
// limits: memory=64M;turn-cpu=500ms;cpu=1s
// peak: 300
for (;;) {
    await Promise.allSettled([
        cay.readTextFile("/etc/passwd"), cay.writeTextFile("/tmp/x", "x"), fetch("http://127.0.0.1:1/"), import("http://127.0.0.1:1/x.js"),
        cay.open("/proc/self/mem"), cay.readDir("/"), new Promise(() => cay.env.get("HOME")), new Promise(() => cay.sys.hostname()),
    ]);
    try {
        new Worker("file:///etc/passwd").onerror = (e) => e.preventDefault();
    } catch {
        // So many of them are not gone yet.
    }
}
