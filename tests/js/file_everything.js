// SPDX-License-Identifier: MIT
// flags: --allow-read --allow-write --deny-read={tmp}/no
// args: {tmp}
// before: mkdir no; printf s >no/s; ln -s no/s link; ln -s no linkdir; ln -s /etc etc
// A grant of everything: links lead where they lead, but not to what is denied, nor into /proc, /sys and /dev.
import { done, equal, rejects } from "./lib/assert.js";

const tmp = cay.args[0];
await rejects(cay.readFile(`${tmp}/no/s`), "NotCapable");
await rejects(cay.readFile(`${tmp}/link`), "NotCapable");
await rejects(cay.readFile(`${tmp}/linkdir/s`), "NotCapable");
await rejects(cay.readFile(`${tmp}/etc/../no/s`), "NotCapable");
equal((await cay.stat(`${tmp}/etc`)).isDirectory, true);
equal((await cay.readDir(`${tmp}/etc`)).length > 0, true);
for (const path of [
    "/proc/self/environ", "/proc/self/mem", "/proc/1/environ", "/proc/self/root/etc/passwd", "/proc/self/cwd",
    "/proc/cpuinfo", "/sys/kernel/notes", "/dev/null", "/dev/mem",
]) {
    await rejects(cay.readFile(path), "NotCapable");
    await rejects(cay.open(path), "NotCapable");
    await rejects(cay.writeTextFile(path, "x"), "NotCapable");
}
await rejects(cay.readDir("/proc"), "NotCapable");
await rejects(cay.readDir("/proc/self/fd"), "NotCapable");
done();
