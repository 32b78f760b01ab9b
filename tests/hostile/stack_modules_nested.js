// SPDX-License-Identifier: MIT
// A module that imports a module that imports a module, as text in text.
// expect: closed
// limits: memory=256M;turn-cpu=10s
// peak: 700
let url = "data:text/javascript,globalThis.bottom=1";
for (let i = 0; i < 100; i++) {
    url = `data:text/javascript,import${encodeURIComponent(`"${url}"`)}`;
}
await import(url);
if (globalThis.bottom !== 1) {
    throw new Error("the innermost did not run");
}
close();
