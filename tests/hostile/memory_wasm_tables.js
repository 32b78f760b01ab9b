// SPDX-License-Identifier: MIT
// Tables of a million places.
// expect: memory|heap|main-module
// limits: memory=32M;turn-cpu=10s
// grants: wasm
// loses: thread
const list = [];
for (;;) {
    list.push(new WebAssembly.Table({ initial: 1e6, element: "anyfunc" }));
}
