// SPDX-License-Identifier: MIT
// flags: --allow-read={tmp}/in,{tmp}/other --allow-write={tmp}/in,{tmp}/other --deny-read={tmp}/other/secret --audit={tmp}/other/log
// args: {tmp}
// before: mkdir -p in/dir other out; printf in >in/file; printf other >other/file; printf s >other/secret; printf out >out/file
// before: ln -s {tmp}/in/file in/absolute; ln -s {tmp}/in/dir in/absdir; printf deep >in/dir/deep; ln -s ../in/file in/back
// before: ln -s ../other/file in/granted; ln -s {tmp}/other in/granteddir; ln -s ../other/secret in/secret; ln -s ../out/file in/esc
// before: ln -s ../out in/escdir; ln -s {tmp}/other/none in/dangling; ln -s /proc/self/root/etc/passwd in/magic; ln -s /proc/version in/kernel
// A link is followed by a read to where a grant covers the place it leads to, and nowhere else.
import { done, equal, ok, rejects } from "./lib/assert.js";

const tmp = cay.args[0];
const dir = `${tmp}/in`;
equal(await cay.readTextFile(`${dir}/absolute`), "in");
equal(await cay.readTextFile(`${dir}/absdir/deep`), "deep");
equal(await cay.readTextFile(`${dir}/back`), "in");
equal(await cay.readTextFile(`${dir}/granted`), "other");
equal(await cay.readTextFile(`${dir}/granteddir/file`), "other");
equal((await cay.stat(`${dir}/granted`)).size, 5);
ok((await cay.readDir(`${dir}/granteddir`)).some(({ name }) => name === "secret"));
await rejects(cay.readFile(`${dir}/granteddir/none`), "NotFound");

const refused = (what, path, place, why) =>
    rejects(what, "NotCapable", {
        test: (message) =>
            message.includes(`"${path}": a link leads to another place, and read access to "${place}" is ${why}`),
    });
const grant = `not granted; --allow-read=${tmp}/out/file would grant it`;
await refused(cay.readFile(`${dir}/esc`), `${dir}/esc`, `${tmp}/out/file`, grant);
await refused(cay.stat(`${dir}/escdir/file`), `${dir}/escdir/file`, `${tmp}/out/file`, grant);
await refused(cay.open(`${dir}/esc`), `${dir}/esc`, `${tmp}/out/file`, grant);
await refused(cay.copyFile(`${dir}/esc`, `${dir}/c`), `${dir}/esc`, `${tmp}/out/file`, grant);
// What is not there is told like what is.
await refused(cay.readFile(`${dir}/escdir/none`), `${dir}/escdir/none`, `${tmp}/out/none`, "not granted");
await refused(cay.readFile(`${dir}/secret`), `${dir}/secret`, `${tmp}/other/secret`, "denied by deny-read=");
for (const way of ["dangling", "magic", "kernel"]) {
    await rejects(cay.readFile(`${dir}/${way}`), "NotCapable");
}

// Writing follows none of them.
for (const way of ["absolute", "absdir/deep", "back", "granted", "granteddir/file", "granteddir/new"]) {
    await rejects(cay.writeTextFile(`${dir}/${way}`, "x"), "NotCapable", /writing follows none/);
}
await rejects(cay.open(`${dir}/granted`, { read: true, write: true }), "NotCapable");

// Each refusal is in the audit's records, and where links led that was granted.
async function count(value, outcome) {
    const lines = (await cay.readTextFile(`${tmp}/other/log`)).trim().split("\n");
    const records = lines.map((line) => JSON.parse(line)).filter((r) => r.kind === "read");
    return records.filter((r) => r.value === `${tmp}/${value}` && r.outcome === outcome).length;
}
equal(await count("out/file", "denied"), 4);
equal(await count("out/none", "denied"), 1);
equal(await count("other/secret", "denied"), 1);
equal(await count("other/file", "granted"), 3);

// An open file needs the grant of where it lies, too.
const file = await cay.open(`${dir}/granted`);
equal(await file.read(new Uint8Array(9)), 5);
await cay.permissions.revoke({ name: "read", path: `${tmp}/other/file` });
const before = await count("other/file", "denied");
await rejects(file.read(new Uint8Array(9), { at: 0 }), "NotCapable", /revoked/);
equal(await count("other/file", "denied"), before + 1);
await rejects(cay.readFile(`${dir}/granted`), "NotCapable");
equal(await count("other/file", "denied"), before + 2);
done();
