// SPDX-License-Identifier: MIT
// Headers without end.
// expect: memory|heap|main-module|turn-cpu
// limits: memory=32M;turn-cpu=1s
const headers = new Headers();
for (let i = 0; ; i++) {
    headers.append(`x-name-${i}`, "value".repeat(10));
}
