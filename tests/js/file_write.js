// SPDX-License-Identifier: MIT
// flags: --allow-read={tmp} --allow-write={tmp}
// args: {tmp}
// Writing whole files: replacing, appending, creating, and not replacing.
import { done, equal, rejects, same } from "./lib/assert.js";

const file = `${cay.args[0]}/file`;
const text = () => cay.readTextFile(file);

equal(await cay.writeFile(file, new Uint8Array([1, 2, 3])), undefined);
same([...await cay.readFile(file)], [1, 2, 3]);
await cay.writeTextFile(file, "a\ud800\u00e9\u{1f600}"); // a lone surrogate has no UTF-8
equal(await text(), "a\ufffd\u00e9\u{1f600}");
await cay.writeTextFile(file, 5);
equal(await text(), "5");
await cay.writeTextFile(file, "");
equal(await text(), "");

// Any view, and the part that it shows.
const buffer = new Uint8Array([97, 98, 99, 100]).buffer;
await cay.writeFile(file, buffer);
equal(await text(), "abcd");
await cay.writeFile(file, new Uint8Array(buffer, 1, 2));
equal(await text(), "bc");
await cay.writeFile(file, new DataView(buffer, 3));
equal(await text(), "d");
await cay.writeFile(file, new Uint16Array(buffer, 2, 1));
equal(await text(), "cd");

await cay.writeTextFile(file, "x", { append: true });
await cay.writeTextFile(file, "y", { append: true, create: false });
equal(await text(), "cdxy");
await rejects(cay.writeTextFile(file, "z", { exclusive: true }), "AlreadyExists");
await rejects(cay.writeTextFile(file, "z", { createNew: true }), "AlreadyExists");
equal(await text(), "cdxy");
await rejects(cay.writeTextFile(`${file}2`, "z", { create: false }), "NotFound");
await cay.writeTextFile(`${file}2`, "z", { create: false, exclusive: true });
equal(await cay.readTextFile(`${file}2`), "z");
await rejects(cay.writeTextFile(`${file}/below`, "z"), "NotADirectory");
await rejects(cay.writeTextFile(`${cay.args[0]}/no/file`, "z"), "NotFound");
await rejects(cay.writeTextFile(cay.args[0], "z"), "IsADirectory");

// What is no bytes. A buffer that is gone does not empty the file.
await rejects(cay.writeFile(file, "text"), "TypeError", /writeTextFile/);
for (const wrong of [undefined, null, 5, {}, [1]]) {
    await rejects(cay.writeFile(file, wrong), "TypeError");
}
await rejects(cay.writeTextFile(file), "TypeError");
await rejects(cay.writeTextFile(file, Symbol("x")), "TypeError");
const gone = new Uint8Array(4);
const view = new DataView(gone.buffer);
structuredClone(gone.buffer, { transfer: [gone.buffer] });
await rejects(cay.writeFile(file, gone), "TypeError");
await rejects(cay.writeFile(file, gone.buffer), "TypeError");
await rejects(cay.writeFile(file, view), "TypeError");
equal(await text(), "cdxy");

// The bytes are those of the moment of the call.
const later = new Uint8Array([97, 97]);
const written = cay.writeFile(file, later);
later.fill(98);
await written;
equal(await text(), "aa");
const large = new Uint8Array(5_000_000).fill(7);
await cay.writeFile(file, large);
equal((await cay.readFile(file)).every((b) => b === 7), true);
done();
