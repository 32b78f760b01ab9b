// SPDX-License-Identifier: MIT
// A child that fills its memory ends, and its creator is told and goes on.
// expect: closed
// limits: memory=128M;turn-cpu=10s
// says: "memory limit"
const source = "const a = []; for (;;) a.push({ x: a.length, y: [1, 2, 3] });";
const w = new Worker(`data:text/javascript,${encodeURIComponent(source)}`, { cay: { limits: { memory: 32 * 2 ** 20 } } });
w.onerror = (e) => e.preventDefault();
w.onclose = (e) => {
    postMessage(e.reason);
    close();
};
