// SPDX-License-Identifier: MIT
// flags: --allow-read=/data --deny-read=/data/secret --allow-net=*.example.com:443,10.0.0.0/8 --allow-env=HOME,LC_*
// What a child is given: never more than its parent has, and an escalation tells kind and value at once.
import { done, equal, fail, throws } from "./lib/assert.js";

const source = "data:text/javascript,";
const start = (permissions) => {
    const worker = new Worker(source, { cay: { permissions } });
    worker.terminate();
    return worker;
};
const refused = (permissions, name, ...words) => {
    let error;
    try {
        start(permissions);
    } catch (e) {
        error = e;
    }
    if (error === undefined) {
        fail(`was not refused: ${JSON.stringify(permissions)}`);
    }
    equal(error.name, name, `${error}`);
    for (const word of words) {
        equal(error.message.includes(word), true, `"${error.message}" tells "${word}"`);
    }
    return error;
};

// What it has, or less.
start("none");
start("inherit");
start({});
start({ read: ["/data"], net: ["a.example.com:443", "10.1.0.0/16"], env: ["HOME", "LC_ALL", "LC_T*"] });
start({ read: ["/data/x/y"], deny: { read: ["/data/x/y/z"] } });
start({ read: "inherit", net: "inherit", env: "inherit", import: "inherit", eval: "inherit" });
start({ read: false, eval: false, env: [] });

// More than it has.
const error = refused({ read: ["/etc"] }, "NotCapable", "read", "/etc");
equal(error instanceof cay.errors.NotCapable, true);
equal(error.code, "NotCapable");
refused({ read: true }, "NotCapable", "read");
refused({ read: ["/dat"] }, "NotCapable", "/dat");
refused({ read: ["/data2"] }, "NotCapable", "/data2");
refused({ read: ["/data/../etc"] }, "NotCapable", "/etc");
refused({ read: ["/data/secret"] }, "NotCapable", "/data/secret");
refused({ read: ["/data/secret/deeper"] }, "NotCapable", "/data/secret");
refused({ write: ["/data"] }, "NotCapable", "write", "/data");
refused({ net: true }, "NotCapable", "net");
refused({ net: ["example.com:443"] }, "NotCapable", "example.com");
refused({ net: ["a.example.com"] }, "NotCapable", "a.example.com");
refused({ net: ["a.example.com:80"] }, "NotCapable", "a.example.com:80");
refused({ net: ["10.0.0.0/7"] }, "NotCapable", "10.0.0.0/7");
refused({ env: ["L*"] }, "NotCapable", "env", "L*");
refused({ env: ["HOME2"] }, "NotCapable", "HOME2");
for (const name of ["eval", "wasm", "shared-memory", "fine-clock"]) {
    refused({ [name]: true }, "NotCapable", name);
}
refused({ sys: ["hostname"] }, "NotCapable", "sys");
refused({ import: ["example.com"] }, "NotCapable", "import");

// What makes no sense.
refused("all", "TypeError", "all");
refused({ reed: true }, "TypeError", "reed");
refused({ read: "all" }, "TypeError", "read");
refused({ read: [1] }, "TypeError", "read");
refused({ read: 1 }, "TypeError", "read");
refused({ eval: ["x"] }, "TypeError", "eval");
refused({ deny: { eval: true } }, "TypeError", "eval");
refused({ deny: 1 }, "TypeError", "deny");
refused({ [Symbol("s")]: true }, "TypeError", "Symbol(s)");
refused({ read: [""] }, "TypeError", "read");
refused({ read: ["/data/\u0000"] }, "TypeError");
refused({ net: ["https://a.example.com"] }, "TypeError", "https://a.example.com");

// Members of `cay` that there are not: a mistyped name is not passed over.
for (const cay of [{ permisions: "inherit" }, { read: true }, { permissions: "none", permisions: undefined }]) {
    throws(() => new Worker(source, { cay }), "TypeError", /cay\.(permisions|read): there is no such option/);
}
throws(() => new Worker(source, { cay: { [Symbol("s")]: 1 } }), "TypeError", /cay\.Symbol\(s\): there is no such/);
throws(() => new Worker(source, { cay: { limits: 1 } }), "TypeError", /cay\.limits/);
new Worker(source, { cay: {} }).terminate();
new Worker(source, { cay: { limits: undefined, permissions: undefined } }).terminate();

// Separators of the text form are part of a value here.
refused({ read: ["/data;eval"] }, "NotCapable", "read=/data%3Beval");
refused({ read: ["/data,/etc"] }, "NotCapable", "read=/data%2C/etc");
start({ read: ["/data/a;b,c%2C"] });

// Nothing inherited from Object.prototype grants.
Object.prototype.read = true;
Object.prototype.permissions = "inherit";
Object.prototype.cay = { permissions: "inherit" };
const child = new Worker(`data:text/javascript,${encodeURIComponent(
    "cay.permissions.query({ name: 'read', path: '/data' }).then((s) => postMessage(s.state))",
)}`, {});
const state = await new Promise((resolve) => {
    child.onmessage = (event) => resolve(event.data);
});
delete Object.prototype.read;
delete Object.prototype.permissions;
delete Object.prototype.cay;
equal(state, "denied", "what is on Object.prototype");
child.terminate();
done();
