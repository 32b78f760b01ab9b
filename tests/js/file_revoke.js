// SPDX-License-Identifier: MIT
// flags: --allow-read={tmp} --allow-write={tmp}
// args: {tmp}
// before: mkdir a b; printf abcdef >a/file; head -c 20000000 /dev/zero >a/large; printf b >b/file; ln -s b/file way
// What is revoked ends at once: operations under way, and open files.
import { done, equal, ok, rejects } from "./lib/assert.js";

const tmp = cay.args[0];
const a = `${tmp}/a`;
const revoke = (name, path) => cay.permissions.revoke({ name, path });

const file = await cay.open(`${a}/file`, { read: true, write: true });
const other = await cay.open(`${tmp}/b/file`);
const buffer = new Uint8Array(3);
equal(await file.read(buffer), 3);

// 100 reads under way.
const reads = [];
for (let i = 0; i < 100; i++) {
    reads.push(cay.readFile(`${a}/large`));
}
const last = file.read(buffer);
const copy = cay.copyFile(`${a}/large`, `${tmp}/b/copy`);
const unharmed = cay.readTextFile(`${tmp}/b/file`);
const outcomes = Promise.allSettled([...reads, last, copy]);
equal((await revoke("read", a)).state, "denied");
for (const { reason } of await outcomes) {
    equal(reason?.name, "NotCapable");
    ok(/revoked/.test(reason.message));
}
equal(await unharmed, "b");

await rejects(file.read(buffer), "NotCapable");
await rejects(file.stat(), "NotCapable");
await rejects(cay.readFile(`${a}/file`), "NotCapable");
equal(await file.write(new Uint8Array([120]), { at: 0 }), 1); // that was not revoked
equal((await revoke("write", `${a}/file`)).state, "denied");
await rejects(file.write(new Uint8Array([120])), "NotCapable");
await rejects(file.truncate(), "NotCapable");
await file.close(); // which takes no permission

// Through a link: also where the file lies.
const linked = await cay.open(`${tmp}/way`);
equal(await linked.read(buffer), 1);
await revoke("read", `${tmp}/b`);
await rejects(linked.read(buffer, { at: 0 }), "NotCapable");
await rejects(other.read(buffer, { at: 0 }), "NotCapable");
await linked.close();

// The second path of two.
await cay.writeTextFile(`${tmp}/c`, "x".repeat(10_000_000));
const copies = [];
for (let i = 0; i < 20; i++) {
    copies.push(cay.copyFile(`${tmp}/c`, `${tmp}/d${i}`));
}
const ends = Promise.allSettled(copies);
await revoke("write", undefined);
for (const { reason } of await ends) {
    equal(reason?.name, "NotCapable");
    ok(/write/.test(reason.message));
}
await rejects(cay.writeTextFile(`${tmp}/x`, "x"), "NotCapable");
equal((await cay.permissions.query({ name: "write" })).state, "denied");
done();
