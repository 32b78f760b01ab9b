// SPDX-License-Identifier: MIT
// A worker that may start none.
// expect: closed
// limits: workers=0
let name = "";
try {
    new Worker("data:text/javascript,0");
} catch (e) {
    ({ name } = e);
}
if (name !== "QuotaExceededError") {
    throw new Error(`got ${name}`);
}
close();
