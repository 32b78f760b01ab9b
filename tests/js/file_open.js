// SPDX-License-Identifier: MIT
// flags: --allow-read={tmp} --allow-write={tmp}
// args: {tmp}
// before: printf 0123456789 >digits
// Open files: positions, order, sizes, ends.
import { done, equal, ok, rejects, same, throws } from "./lib/assert.js";

const tmp = cay.args[0];
const decode = (bytes) => String.fromCharCode(...bytes);
const bytes = (text) => new Uint8Array([...text].map((c) => c.charCodeAt(0)));

// Reading: from where the last one ended, or at a place.
{
    const file = await cay.open(`${tmp}/digits`);
    const buffer = new Uint8Array(4);
    const read = async (options) => decode(buffer.subarray(0, await file.read(buffer, options)));
    equal(await read(), "0123");
    equal(await read({ at: 8 }), "89");
    equal(await read(), "4567");
    equal(await read({}), "89");
    equal(await read(), "");
    equal(await read({ at: 10 }), "");
    equal(await read({ at: Number.MAX_SAFE_INTEGER }), "");
    equal(await file.read(new Uint8Array(0)), 0);
    const whole = new Uint8Array(10);
    equal(await file.read(whole.subarray(2, 5), { at: 1 }), 3);
    same([...whole], [0, 0, 49, 50, 51, 0, 0, 0, 0, 0]);
    equal(await file.read(new DataView(whole.buffer, 9), { at: 0 }), 1);
    equal(await file.read(whole.buffer, { at: 0 }), 10);
    equal(decode(whole), "0123456789");
    await rejects(file.read(buffer, { at: -1 }), "TypeError");
    await rejects(file.read(buffer, { at: 1.5e300 }), "TypeError");
    await rejects(file.read(), "TypeError");
    await rejects(file.read("x"), "TypeError");
    await rejects(file.write(buffer), "NotSupported");
    await rejects(file.truncate(), "NotSupported");
    same((await file.stat()).size, 10);
    await file.sync();
    equal(await file.close(), undefined);
    equal(await file.close(), undefined);
    await rejects(file.read(buffer), "Closed");
    await rejects(file.stat(), "Closed");
}

// Without being awaited, in the order of the calls; closing comes last.
{
    const file = await cay.open(`${tmp}/new`, { read: true, write: true, create: true });
    const got = new Uint8Array(8);
    const all = [
        file.write(bytes("abc")), file.write(bytes("def")), file.write(bytes("X"), { at: 1 }), file.truncate(5),
        file.write(bytes("g")), file.read(got, { at: 0 }), file.syncData(), file.close(),
    ];
    await rejects(file.read(got), "Closed");
    same(await Promise.all(all), [3, 3, 1, undefined, 1, 7, undefined, undefined]);
    equal(decode(got.subarray(0, 7)), "aXcde\0g");
    equal(await cay.readTextFile(`${tmp}/new`), "aXcde\0g");
}
{
    const file = await cay.open(`${tmp}/new`, { append: true });
    await file.write(bytes("1"));
    await rejects(file.write(bytes("2"), { at: 0 }), "TypeError", /appending/);
    await file.write(bytes("2"));
    await rejects(file.read(new Uint8Array(1)), "NotSupported");
    await file.close();
    equal(await cay.readTextFile(`${tmp}/new`), "aXcde\0g12");
}
{
    const file = await cay.open(`${tmp}/new`, { write: true, truncate: true });
    equal((await file.stat()).size, 0);
    await file.truncate(3);
    await file.close();
    equal(await cay.readTextFile(`${tmp}/new`), "\0\0\0");
}
await rejects(cay.open(`${tmp}/new`, { write: true, exclusive: true }), "AlreadyExists");
await rejects(cay.open(`${tmp}/new`, { write: true, createNew: true }), "AlreadyExists");
await rejects(cay.open(`${tmp}/none`, { write: true }), "NotFound");
await rejects(cay.open(`${tmp}/none`), "NotFound");
await rejects(cay.open(tmp, { write: true }), "IsADirectory");
await rejects(cay.open("/etc/passwd"), "NotCapable", /read/);
await rejects(cay.open("/etc/passwd", { write: true }), "NotCapable", /write/);
for (const wrong of [
    {}, { read: false }, { create: true }, { read: true, create: true }, { read: true, truncate: true },
    { append: true, truncate: true }, 5,
]) {
    await rejects(cay.open(`${tmp}/digits`, wrong), "TypeError");
}

// The class.
const file = await cay.open(`${tmp}/digits`);
ok(file instanceof cay.FsFile);
equal(Object.prototype.toString.call(file), "[object FsFile]");
equal("FsFile" in globalThis, false);
throws(() => new cay.FsFile(), "TypeError");
throws(() => structuredClone(file), "DataCloneError");
for (const fake of [{}, Object.create(cay.FsFile.prototype), new Proxy(file, {})]) {
    await rejects(cay.FsFile.prototype.read.call(fake, new Uint8Array(1)), "TypeError");
    await rejects(cay.FsFile.prototype.close.call(fake), "TypeError");
    throws(() => Reflect.get(cay.FsFile.prototype, "readable", fake), "TypeError");
}
// A buffer that is gone before the bytes come.
const target = new Uint8Array(4);
const pending = file.read(target);
structuredClone(target.buffer, { transfer: [target.buffer] });
await rejects(pending, "TypeError", /detached/);
await rejects(file.read(target), "TypeError");
done(); // the file is closed with the worker
