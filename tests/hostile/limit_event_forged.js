// SPDX-License-Identifier: MIT
// Fires `limit` itself; nothing follows from it.
// expect: closed
// limits: turn-cpu=2s
let n = 0;
addEventListener("limit", () => n++);
for (let i = 0; i < 1000; i++) {
    dispatchEvent(new Event("limit"));
}
if (n !== 1000) {
    throw new Error(`heard ${n}`);
}
close();
