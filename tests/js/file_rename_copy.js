// SPDX-License-Identifier: MIT
// flags: --allow-read={tmp}/rw,{tmp}/r --allow-write={tmp}/rw,{tmp}/w
// args: {tmp}
// before: mkdir rw r w; printf a >rw/a; printf b >r/b; printf c >w/c; mkdir rw/dir; printf d >rw/dir/d
// Moving and copying: what each takes of permissions.
import { done, equal, rejects } from "./lib/assert.js";

const tmp = cay.args[0];
const text = (path) => cay.readTextFile(`${tmp}/${path}`);

await cay.copyFile(`${tmp}/r/b`, `${tmp}/rw/b`);
equal(await text("rw/b"), "b");
await cay.copyFile(`${tmp}/rw/a`, `${tmp}/rw/b`);
equal(await text("rw/b"), "a");
await cay.copyFile(`${tmp}/rw/b`, `${tmp}/w/b`);
await rejects(cay.copyFile(`${tmp}/w/c`, `${tmp}/rw/c`), "NotCapable", /read/);
await rejects(cay.copyFile(`${tmp}/rw/a`, `${tmp}/r/a`), "NotCapable", /write/);
await rejects(cay.copyFile(`${tmp}/rw/none`, `${tmp}/rw/x`), "NotFound");
await rejects(cay.copyFile(`${tmp}/rw/dir`, `${tmp}/rw/x`), "IsADirectory");
await rejects(cay.copyFile(`${tmp}/rw/a`), "TypeError");

await cay.rename(`${tmp}/rw/b`, `${tmp}/rw/b2`);
await rejects(cay.stat(`${tmp}/rw/b`), "NotFound");
await cay.rename(`${tmp}/rw/b2`, `${tmp}/rw/a`);
equal(await text("rw/a"), "a");
await cay.rename(`${tmp}/rw/dir`, `${tmp}/rw/moved`);
equal(await text("rw/moved/d"), "d");
await cay.rename(`${tmp}/rw/a`, `${tmp}/w/a`); // from where it is read, into where it is not
// What may not be read cannot be moved to where it may; what may not be written cannot be taken away.
await rejects(cay.rename(`${tmp}/w/c`, `${tmp}/rw/c`), "NotCapable", /read/);
await rejects(cay.rename(`${tmp}/r/b`, `${tmp}/rw/b`), "NotCapable", /write/);
await rejects(cay.rename(`${tmp}/rw/moved`, `${tmp}/r/moved`), "NotCapable", /write/);
await rejects(cay.rename(`${tmp}/rw/none`, `${tmp}/rw/x`), "NotFound");
await rejects(cay.rename(`${tmp}/rw/moved`, `${tmp}/rw/moved/in`));
equal(await text("r/b"), "b");
equal(await text("rw/moved/d"), "d");
done();
