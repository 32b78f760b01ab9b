// SPDX-License-Identifier: MIT
// flags: --allow-read={tmp} --allow-write={tmp}
// args: {tmp}
// before: printf text >file; mkdir dir; touch dir/a dir/b
// Patched built-ins and odd arguments change nothing that the glue does.
import { done, equal, rejects, same, throws } from "./lib/assert.js";

const tmp = cay.args[0];
const path = `${tmp}/file`;

// Members are read once each, in order, and all before anything happens.
{
    const seen = [];
    const spy = (members) => new Proxy({}, {
        get(_, key) {
            seen.push(key);
            return members[key];
        },
        has() {
            throw new Error("has");
        },
        ownKeys() {
            throw new Error("ownKeys");
        },
    });
    await cay.readFile(path, spy({}));
    same(seen.splice(0), ["maxBytes", "signal"]);
    await cay.writeTextFile(path, "text", spy({}));
    same(seen.splice(0), ["append", "create", "createNew", "exclusive", "signal"]);
    await cay.open(path, spy({ read: true }));
    same(seen.splice(0), ["append", "create", "createNew", "exclusive", "read", "truncate", "write"]);
    await cay.mkdir(`${tmp}/m`, spy({}));
    await cay.remove(`${tmp}/m`, spy({}));
    same(seen.splice(0), ["recursive", "recursive"]);
    await rejects(cay.readFile(path, {
        get maxBytes() {
            throw new RangeError("mine");
        },
    }), "RangeError", /mine/);
    await rejects(cay.readFile(path, { maxBytes: 1n }), "TypeError");
}
// A getter that takes the bytes away: nothing is written.
{
    const bytes = new Uint8Array([1]);
    await rejects(cay.writeFile(path, bytes, {
        get append() {
            structuredClone(bytes.buffer, { transfer: [bytes.buffer] });
            return false;
        },
    }), "TypeError");
    equal(await cay.readTextFile(path), "text");
    const file = await cay.open(path, { read: true, write: true });
    const target = new Uint8Array(4);
    await rejects(file.read(target, {
        get at() {
            structuredClone(target.buffer, { transfer: [target.buffer] });
            return 0;
        },
    }), "TypeError");
    await rejects(file.write(new Uint8Array(1), {
        get at() {
            file.close();
            return 0;
        },
    }), "Closed");
}
// An error that looks like one of C's stays the guest's.
{
    const mine = Object.assign(new Error("x"), { code: 5 });
    equal(await cay.readFile(path, {
        get signal() {
            throw mine;
        },
    }).catch((e) => e), mine);
}

const keep = {
    then: Promise.prototype.then, push: Array.prototype.push, join: Array.prototype.join,
    iterator: Array.prototype[Symbol.iterator], defineProperty: Object.defineProperty,
};
Object.prototype.append = true;
Object.prototype.exclusive = true;
Object.prototype.recursive = true;
Object.prototype.at = 2;
Object.prototype.signal = AbortSignal.abort();
keep.defineProperty(Array.prototype, 0, {
    set() {
        throw new Error("a setter of Array.prototype ran");
    },
    configurable: true,
});
Promise.prototype.then = () => {
    throw new Error("then");
};
Promise = class {};
Date = class {};
Uint8Array.prototype.set = () => {
    throw new Error("set");
};
Map.prototype.set = Map.prototype.get = () => {
    throw new Error("Map");
};
Object.defineProperty = Object.freeze = Reflect.ownKeys = () => {
    throw new Error("Object");
};
keep.defineProperty(URL.prototype, "href", { value: "file:///etc/passwd" });
keep.defineProperty(Object.getPrototypeOf(Uint8Array.prototype), "byteLength", { get: () => 1 << 30 });

await cay.writeTextFile(path, "over");
const bytes = await cay.readFile(new URL(`file://${path}`));
equal(bytes.length, 4);
const entries = await cay.readDir(`${tmp}/dir`);
equal(entries[1].name, "b");
equal((await cay.stat(path)).mtime.getTime() > 0, true);
const opened = await cay.open(path);
const into = new Uint8Array(4);
equal(await opened.read(into), 4);
equal(into[3], 114);
for (const key of ["append", "exclusive", "recursive", "at", "signal"]) {
    delete Object.prototype[key];
}
delete Array.prototype[0];
throws(() => {
    cay.readFile = 1;
}, "TypeError");
done();
