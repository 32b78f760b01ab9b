// SPDX-License-Identifier: MIT
// A child that cannot be ended: its creator is told and goes on, and can start another.
// expect: closed
// limits: memory=128M;turn-cpu=1s
// loses: thread
// says: "lost"
const w = new Worker("data:text/javascript,new Array(2**32-1).indexOf(1)", { cay: { limits: { turnCpu: 200 } } });
w.onerror = (e) => e.preventDefault();
w.onclose = (e) => {
    postMessage(e.reason);
    const next = new Worker("data:text/javascript,postMessage(1)");
    next.onmessage = () => close();
};
