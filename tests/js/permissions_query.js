// SPDX-License-Identifier: MIT
// flags: --allow-read=/data,/etc/hosts --deny-read=/data/secret --allow-net=*.example.com:443,10.0.0.0/8
// flags: --allow-env=HOME,LC_* --allow-sys=os --allow-eval
// What a worker may do, asked by name.
import { done, equal, rejects, same } from "./lib/assert.js";

const state = async (descriptor) => (await cay.permissions.query(descriptor)).state;
const cases = [
    [{ name: "read" }, "partial"],
    [{ name: "read", path: undefined }, "partial"],
    [{ name: "read", path: "/data/x" }, "granted"],
    [{ name: "read", path: "/data" }, "partial"],
    [{ name: "read", path: "/data/secret/x" }, "denied"],
    [{ name: "read", path: "/data/../data/./x" }, "granted"],
    [{ name: "read", path: "/database" }, "denied"],
    [{ name: "read", path: new URL("file:///etc/hosts") }, "granted"],
    [{ name: "write" }, "denied"],
    [{ name: "write", path: "/data" }, "denied"],
    [{ name: "net", host: "a.example.com:443" }, "granted"],
    [{ name: "net", host: "A.EXAMPLE.COM:443" }, "granted"],
    [{ name: "net", host: "a.example.com:80" }, "denied"],
    [{ name: "net", host: "10.1.2.3" }, "granted"],
    [{ name: "net", host: "11.1.2.3" }, "denied"],
    [{ name: "net" }, "partial"],
    [{ name: "import" }, "denied"],
    [{ name: "env", variable: "HOME" }, "granted"],
    [{ name: "env", variable: "LC_ALL" }, "granted"],
    [{ name: "env", variable: "PATH" }, "denied"],
    [{ name: "sys", kind: "os" }, "granted"],
    [{ name: "sys", kind: "load" }, "denied"],
    [{ name: "sys" }, "partial"],
    [{ name: "eval" }, "granted"],
    [{ name: "wasm" }, "denied"],
    [{ name: "shared-memory" }, "denied"],
    [{ name: "fine-clock" }, "denied"],
];
for (const [descriptor, expected] of cases) {
    equal(await state(descriptor), expected, JSON.stringify(descriptor));
}
same(await cay.permissions.query({ name: "wasm" }), { state: "denied" });

// A misspelt member would ask about all of a kind.
await rejects(cay.permissions.query({ name: "run" }), "TypeError", /"run"/);
await rejects(cay.permissions.query({ name: "toString" }), "TypeError", /"toString"/);
await rejects(cay.permissions.query({ name: "__proto__" }), "TypeError");
await rejects(cay.permissions.query({ name: "read", pth: "/x" }), "TypeError", /"pth"/);
await rejects(cay.permissions.query({ name: "read", host: "x" }), "TypeError", /"host"/);
await rejects(cay.permissions.query({ name: "eval", path: "/x" }), "TypeError", /"path"/);
await rejects(cay.permissions.query({ name: "read", [Symbol("s")]: 1 }), "TypeError", /Symbol/);
await rejects(cay.permissions.query({ path: "/x" }), "TypeError", /name/);
await rejects(cay.permissions.query(), "TypeError");
await rejects(cay.permissions.query("read"), "TypeError");
await rejects(cay.permissions.query({ name: "net", host: "a b" }), "TypeError", /a b/);
await rejects(cay.permissions.query({ name: "net", host: "http://x" }), "TypeError",
    /^cay\.permissions\.query: host "http:\/\/x": a URL; write its host alone$/);
await rejects(cay.permissions.query({ name: "sys", kind: "pid" }), "TypeError", /^cay\.permissions\.query: kind "pid": no/);
await rejects(cay.permissions.query({ name: "net", host: "a:99999" }), "TypeError");
await rejects(cay.permissions.query({ name: "read", path: 5 }), "TypeError");
await rejects(cay.permissions.query({ name: "env", variable: "A\0" }), "TypeError");
await rejects(cay.permissions.query({ name: "read", path: "/a\0" }), "TypeError");

// Nothing is granted by what is put on prototypes.
Object.prototype.path = "/data/x";
equal((await cay.permissions.query({ name: "wasm" })).state, "denied");
delete Object.prototype.path;
equal(Object.isFrozen(cay.permissions), true);
done();
