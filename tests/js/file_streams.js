// SPDX-License-Identifier: MIT
// flags: --allow-read={tmp} --allow-write={tmp}
// args: {tmp}
// Files as web streams.
import { done, equal, rejects } from "./lib/assert.js";

const path = `${cay.args[0]}/file`;
const size = 300_000;
const content = new Uint8Array(size).map((_, i) => i % 251);
{
    const file = await cay.open(path, { write: true, create: true });
    equal(file.writable, file.writable);
    const writer = file.writable.getWriter();
    await writer.write(content.subarray(0, 100));
    await writer.write(content.slice(100).buffer);
    await writer.close();
    await rejects(file.write(content), "Closed");
}
{
    const file = await cay.open(path);
    equal(file.readable, file.readable);
    let at = 0;
    for (const reader = file.readable.getReader(); ;) {
        const { value, done: end } = await reader.read();
        if (end) {
            break;
        }
        equal(value.constructor, Uint8Array);
        equal(value.every((byte, i) => byte === (at + i) % 251), true);
        at += value.length;
    }
    equal(at, size);
    await rejects(file.stat(), "Closed");
}
{
    const from = await cay.open(path);
    const to = await cay.open(`${path}2`, { write: true, create: true });
    await from.readable.pipeTo(to.writable);
    const copy = await cay.readFile(`${path}2`);
    equal(copy.length, size);
    equal(copy.every((byte, i) => byte === i % 251), true);
}
{
    const file = await cay.open(path);
    await file.readable.cancel();
    await rejects(file.stat(), "Closed");
}
{
    const file = await cay.open(`${path}2`, { write: true });
    const writer = file.writable.getWriter();
    await rejects(writer.write("text"), "TypeError");
}
done();
