// SPDX-License-Identifier: MIT
// Random bytes, kept.
// expect: memory|main-module
// limits: memory=32M;turn-cpu=10s
const list = [];
for (;;) {
    list.push(crypto.getRandomValues(new Uint8Array(65536)));
}
