// SPDX-License-Identifier: MIT
// flags: --allow-read={tmp}
// args: {tmp}
// before: printf 'hello\n' >text; printf '\357\273\277a\377b' >odd; : >empty; mkdir dir; printf '\0\1\2' >'a b%#'
// Whole files, as bytes and as text.
import { done, equal, ok, rejects, same } from "./lib/assert.js";

const tmp = cay.args[0];
const bytes = await cay.readFile(`${tmp}/text`);
equal(bytes.constructor, Uint8Array);
same([...bytes], [104, 101, 108, 108, 111, 10]);
equal(bytes.buffer.byteLength, 6);
equal(await cay.readTextFile(`${tmp}/text`), "hello\n");
equal(await cay.readTextFile(`${tmp}/./dir//../text`), "hello\n");
// A byte order mark stays, malformed bytes become U+FFFD.
equal(await cay.readTextFile(`${tmp}/odd`), "\ufeffa\ufffdb");
equal((await cay.readFile(`${tmp}/empty`)).length, 0);
equal(await cay.readTextFile(`${tmp}/empty`), "");

// URLs of files.
const url = new URL(`file://${tmp}/a%20b%25%23`);
same([...await cay.readFile(url)], [0, 1, 2]);
await rejects(cay.readFile(new URL("http://h/x")), "TypeError", /not a file: URL/);
await rejects(cay.readFile(new URL("file://elsewhere/x")), "TypeError");
await rejects(cay.readFile(new URL(`file://${tmp}/a%2Fb`)), "TypeError");
// A string is a path, whatever it looks like.
await rejects(cay.readFile(`file://${tmp}/text`), "NotCapable");

// A bound on the size.
equal((await cay.readFile(`${tmp}/text`, { maxBytes: 6 })).length, 6);
await rejects(cay.readFile(`${tmp}/text`, { maxBytes: 5 }), "LimitReached");
await rejects(cay.readTextFile(`${tmp}/text`, { maxBytes: 0 }), "LimitReached");
await rejects(cay.readFile(`${tmp}/text`, { maxBytes: -1 }), "TypeError", /maxBytes/);
await rejects(cay.readFile(`${tmp}/text`, 5), "TypeError");

// What goes wrong.
const missing = await rejects(cay.readFile(`${tmp}/none`), "NotFound", /none/);
ok(missing instanceof cay.errors.NotFound);
ok(missing instanceof Error);
equal(missing.code, "NotFound");
await rejects(cay.readFile(`${tmp}/text/below`), "NotADirectory");
await rejects(cay.readFile(`${tmp}/dir`), "IsADirectory");
await rejects(cay.readFile(""), "NotFound");
await rejects(cay.readFile(`${tmp}/a\0b`), "InvalidArgument", /NUL/);
await rejects(cay.readFile(`${tmp}/${"x".repeat(300)}`), "InvalidArgument");
await rejects(cay.readFile(`${tmp}/${"x/".repeat(50000)}`), "InvalidArgument");
for (const wrong of [undefined, null, 5, {}, [tmp], Symbol("x"), Object.create(URL.prototype)]) {
    await rejects(cay.readFile(wrong), "TypeError", /a path is a string or a URL/);
}

// What was not granted.
const denied = await rejects(cay.readFile("/etc/passwd"), "NotCapable", /read access to "\/etc\/passwd"/);
ok(/--allow-read/.test(denied.message));
await rejects(cay.readFile(`${tmp}/../passwd`), "NotCapable");
await rejects(cay.readFile(`${tmp}x/text`), "NotCapable");
await rejects(cay.writeFile(`${tmp}/text`, new Uint8Array(1)), "NotCapable", /write/);
equal(await cay.readTextFile(`${tmp}/text`), "hello\n");
done();
