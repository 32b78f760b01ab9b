// SPDX-License-Identifier: MIT
// A query that grows.
// expect: memory|heap|main-module
// limits: memory=32M;turn-cpu=15s
// loses: thread
const params = new URLSearchParams();
for (let i = 0; ; i++) {
    params.append(`name${i}`, "value");
}
