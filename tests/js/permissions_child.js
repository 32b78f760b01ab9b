// SPDX-License-Identifier: MIT
// flags: --allow-read={tmp} --allow-env
// env: CAY_A=1
// args: {tmp}
// before: printf x >file
// A parent takes a permission away from a child, and so from all below; or from itself, and so from its children.
import { done, equal, once, receive, rejects, source } from "./lib/assert.js";

const tmp = cay.args[0];
const code = `
    onmessage = async () => {
        const read = await cay.readTextFile("${tmp}/file").then(() => "read", (e) => e.name);
        let env;
        try {
            env = cay.env.get("CAY_A");
        } catch (e) {
            env = e.name;
        }
        postMessage(read + " " + env);
    };`;
const nest = `
    const child = new Worker(${JSON.stringify(source(code))}, { cay: { permissions: "inherit" } });
    child.onmessage = (event) => postMessage(event.data);
    onmessage = () => child.postMessage(1);`;
const start = (text) => new Worker(source(text), { cay: { permissions: "inherit" } });
const ask = (worker) => {
    worker.postMessage(1);
    return receive(worker);
};

const a = start(code);
const b = start(nest);
equal(await ask(a), "read 1");
equal(await ask(b), "read 1");
equal((await cay.permissions.revoke({ name: "read" }, { worker: b })).state, "denied");
equal(await ask(a), "read 1");
equal(await ask(b), "NotCapable 1");
equal((await cay.permissions.query({ name: "read", path: tmp })).state, "granted");
await cay.permissions.revoke({ name: "env", variable: "CAY_A" });
equal(await ask(a), "read NotCapable");
equal(await ask(b), "NotCapable NotCapable");

// A worker that has ended has nothing left to take, and is not mistaken for this one.
const closed = once(a, "close");
a.terminate();
await closed;
equal((await cay.permissions.revoke({ name: "read" }, { worker: a })).state, "denied");
equal((await cay.permissions.query({ name: "read", path: tmp })).state, "granted");
await rejects(cay.permissions.revoke({ name: "read" }, { worker: { __proto__: b } }), "TypeError");
b.terminate();
done();
