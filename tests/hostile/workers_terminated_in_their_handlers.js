// SPDX-License-Identifier: MIT
// Terminates its worker in each handler that tells of it, and again.
// expect: closed
// limits: memory=256M;turn-cpu=10s
// uncaught: report
let closed = 0;
for (let i = 0; i < 10; i++) {
    const w = new Worker("data:text/javascript,postMessage(1); setTimeout(() => { throw 1 }); for (let i = 0; i < 1e7; i++);");
    w.onmessage = () => {
        w.terminate();
        w.terminate();
        w.postMessage({ get x() { w.terminate(); return 1; } });
    };
    w.onerror = (e) => {
        e.preventDefault();
        w.terminate();
    };
    w.onclose = () => {
        w.terminate();
        w.postMessage(1);
        if (++closed === 10) {
            close();
        }
    };
}
