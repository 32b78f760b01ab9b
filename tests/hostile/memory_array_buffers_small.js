// SPDX-License-Identifier: MIT
// Buffers too small to be refused one by one, and their objects.
// expect: memory|heap|main-module|turn-cpu
// limits: memory=32M;turn-cpu=10s
// loses: thread
const list = [];
for (;;) {
    list.push(new ArrayBuffer(16), new Uint8Array(64));
}
