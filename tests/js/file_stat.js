// SPDX-License-Identifier: MIT
// flags: --allow-read={tmp}
// args: {tmp}
// before: printf abc >file; chmod 640 file; mkdir dir; ln -s file link; touch -d '2020-02-03T04:05:06.789Z' file
// Facts about files; times in whole seconds.
import { done, equal, ok, rejects, same } from "./lib/assert.js";

const tmp = cay.args[0];
const info = await cay.stat(`${tmp}/file`);
same(Object.keys(info), [
    "isFile", "isDirectory", "isSymlink", "size", "mode", "mtime", "atime", "ctime", "birthtime",
]);
same([info.isFile, info.isDirectory, info.isSymlink, info.size], [true, false, false, 3]);
equal(info.mode, 0o640);
equal(info.mtime.toISOString(), "2020-02-03T04:05:06.000Z");
ok(info.ctime instanceof Date && info.ctime.getTime() % 1000 === 0);
ok(info.atime instanceof Date && info.atime.getTime() % 1000 === 0);
ok(info.birthtime === null || info.birthtime.getTime() % 1000 === 0);
equal(Object.getPrototypeOf(info), Object.prototype);

equal((await cay.stat(`${tmp}/dir`)).isDirectory, true);
equal((await cay.stat(tmp)).isDirectory, true);
const link = await cay.lstat(`${tmp}/link`);
same([link.isFile, link.isDirectory, link.isSymlink], [false, false, true]);
equal((await cay.stat(`${tmp}/link`)).isFile, true);
equal((await cay.lstat(`${tmp}/file`)).isFile, true);
await rejects(cay.stat(`${tmp}/none`), "NotFound");
await rejects(cay.lstat(`${tmp}/none`), "NotFound");
await rejects(cay.stat("/"), "NotCapable");
await rejects(cay.lstat(`${tmp}/..`), "NotCapable");
done();
