// SPDX-License-Identifier: MIT
// Ends itself in each event of a child.
// expect: closed
// limits: memory=128M;turn-cpu=2s
const w = new Worker("data:text/javascript,postMessage(1); for (;;) { try { postMessage(2) } catch {} }");
w.onmessage = () => cay.exit();
