// SPDX-License-Identifier: MIT
// A worker that cannot be ended, whose child loops: both end.
// expect: lost|turn-cpu
// limits: memory=128M;turn-cpu=500ms
// loses: thread
const w = new Worker("data:text/javascript,onmessage = () => {}; for (;;);");
w.onmessage = () => {};
new Array(2 ** 32 - 1).indexOf(1);
