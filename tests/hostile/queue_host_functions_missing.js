// SPDX-License-Identifier: MIT
// Calls of host functions that are not bound, without end.
// expect: closed|memory|turn-cpu
// limits: turn-cpu=5s;memory=64M
let failed = 0;
const all = [];
for (let i = 0; i < 20000; i++) {
    try {
        all.push(cay.host.nothing(i).catch(() => {
            failed++;
        }));
    } catch {
        failed++;
    }
}
await Promise.all(all);
if (failed !== 20000) {
    throw new Error(`${failed} failed`);
}
close();
