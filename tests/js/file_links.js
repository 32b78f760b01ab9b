// SPDX-License-Identifier: MIT
// flags: --allow-read={tmp}/in --allow-write={tmp}/in
// args: {tmp}
// before: mkdir in out in/dir; printf in >in/file; printf out >out/file; printf hard >out/hard
// before: ln -s file in/good; ln -s ../out/file in/bad; ln -s ../out in/baddir; ln -s {tmp}/out/file in/abs
// before: ln -s none in/dangling; ln -s ../out/new in/create; ln -s loop in/loop; ln out/hard in/hard; ln -s dir in/gooddir
// before: ln -s /proc/self/environ in/environ; ln -s /proc/self/root/etc/passwd in/magic
// Links below a granted directory lead nowhere else, and nothing is written through one.
import { done, equal, rejects } from "./lib/assert.js";

const dir = `${cay.args[0]}/in`;
equal(await cay.readTextFile(`${dir}/good`), "in");
for (const way of ["bad", "baddir/file", "abs", "environ", "magic"]) {
    await rejects(cay.readFile(`${dir}/${way}`), "NotCapable");
    await rejects(cay.stat(`${dir}/${way}`), "NotCapable");
    await rejects(cay.open(`${dir}/${way}`), "NotCapable");
    await rejects(cay.copyFile(`${dir}/${way}`, `${dir}/stolen`), "NotCapable");
    await rejects(cay.writeTextFile(`${dir}/${way}`, "x"), "NotCapable");
}
await rejects(cay.readDir(`${dir}/baddir`), "NotCapable");
await rejects(cay.readFile(`${dir}/dangling`), "NotFound");
await rejects(cay.readFile(`${dir}/loop`));
await rejects(cay.writeTextFile(`${dir}/create`, "x"), "NotCapable");
await rejects(cay.writeTextFile(`${dir}/good`, "x"), "NotCapable");
await rejects(cay.writeTextFile(`${dir}/gooddir/x`, "x"), "NotCapable");
await rejects(cay.open(`${dir}/good`, { write: true }), "NotCapable");
await rejects(cay.mkdir(`${dir}/baddir/x`), "NotCapable");
await rejects(cay.remove(`${dir}/baddir/file`), "NotCapable");
await rejects(cay.rename(`${dir}/file`, `${dir}/baddir/file`), "NotCapable");
// A file that has another name elsewhere is read, not written.
equal(await cay.readTextFile(`${dir}/hard`), "hard");
await rejects(cay.writeTextFile(`${dir}/hard`, "x"), "NotCapable");
await rejects(cay.open(`${dir}/hard`, { write: true }), "NotCapable");
equal(await cay.readTextFile(`${dir}/hard`), "hard");
// Of a link itself.
equal((await cay.lstat(`${dir}/bad`)).isSymlink, true);
await cay.remove(`${dir}/bad`);
await cay.remove(`${dir}/baddir`);
await rejects(cay.lstat(`${dir}/bad`), "NotFound");
await rejects(cay.stat(`${dir}/stolen`), "NotFound");
done();
