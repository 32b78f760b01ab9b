// SPDX-License-Identifier: MIT
// Proxies of proxies.
// expect: memory|heap
// limits: memory=32M;turn-cpu=10s
let p = {};
for (;;) {
    p = new Proxy(p, {});
}
