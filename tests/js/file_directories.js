// SPDX-License-Identifier: MIT
// flags: --allow-read={tmp} --allow-write={tmp}
// args: {tmp}
// before: mkdir d; cd d; touch b a 'c d' é; mkdir Z; ln -s nowhere link; mkfifo pipe; printf x >"$(printf 'n\377n')"
// Listing, making and removing directories.
import { done, equal, rejects, same } from "./lib/assert.js";

const tmp = cay.args[0];
const names = async (path) => (await cay.readDir(path)).map((entry) => entry.name);

// Sorted by code point; what is not UTF-8 is shown so.
const list = await cay.readDir(`${tmp}/d`);
same(list.map((entry) => entry.name), ["Z", "a", "b", "c d", "link", "n\ufffdn", "pipe", "\u00e9"]);
same(list[0], { name: "Z", isFile: false, isDirectory: true, isSymlink: false });
same(list[1], { name: "a", isFile: true, isDirectory: false, isSymlink: false });
same(list[4], { name: "link", isFile: false, isDirectory: false, isSymlink: true });
same(list[6], { name: "pipe", isFile: false, isDirectory: false, isSymlink: false });
equal(Array.isArray(list), true);
same(await cay.readDir(`${tmp}/d/Z`), []);
await rejects(cay.readDir(`${tmp}/d/a`), "NotADirectory");
await rejects(cay.readDir(`${tmp}/none`), "NotFound");
await rejects(cay.readDir("/"), "NotCapable");

// Only files and directories are opened: a pipe without a writer would block for ever.
await rejects(cay.readFile(`${tmp}/d/pipe`));
await rejects(cay.writeTextFile(`${tmp}/d/pipe`, "x"));
await rejects(cay.open(`${tmp}/d/pipe`));

await cay.mkdir(`${tmp}/m`);
await rejects(cay.mkdir(`${tmp}/m`), "AlreadyExists");
await rejects(cay.mkdir(`${tmp}/m/n/o`), "NotFound");
await cay.mkdir(`${tmp}/m/n/o`, { recursive: true });
await cay.mkdir(`${tmp}/m/n/o`, { recursive: true });
same(await names(`${tmp}/m/n`), ["o"]);
await cay.writeTextFile(`${tmp}/m/file`, "x");
await rejects(cay.mkdir(`${tmp}/m/file/x`, { recursive: true }), "NotADirectory");
await rejects(cay.mkdir("/m"), "NotCapable");

await rejects(cay.remove(`${tmp}/m`), "NotEmpty");
await cay.remove(`${tmp}/m/n/o`);
await cay.remove(`${tmp}/m/file`);
await rejects(cay.remove(`${tmp}/m/file`), "NotFound");
await cay.writeTextFile(`${tmp}/m/n/deep`, "x");
await cay.remove(`${tmp}/m`, { recursive: true });
await rejects(cay.stat(`${tmp}/m`), "NotFound");
await cay.remove(`${tmp}/d`, { recursive: true });
same(await names(tmp), []);
await rejects(cay.remove(tmp, { recursive: true }));
await rejects(cay.remove("/etc/passwd"), "NotCapable");
equal((await cay.stat(tmp)).isDirectory, true);
done();
