// SPDX-License-Identifier: MIT
// Questions about permissions with values of megabytes, without end.
// expect: closed|memory|heap|turn-cpu
// limits: memory=64M;turn-cpu=5s
let refused = 0;
const all = [];
for (let i = 0; i < 2000; i++) {
    const path = "/x".repeat(i * 50);
    for (const what of [{ name: "read", path }, { name: "net", host: path }, { name: "env", variable: path }, { name: path }]) {
        all.push(cay.permissions.query(what).catch(() => {
            refused++;
        }));
    }
}
await Promise.all(all);
if (refused < 2000) {
    throw new Error(`refused ${refused}`);
}
close();
