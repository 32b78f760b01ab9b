// SPDX-License-Identifier: MIT
// flags: --allow-env=CAY_A --allow-net --allow-read=/data
// What a refusal advises: to a nested worker what its creator can do, and after a revocation nothing.
import { done, equal, receive, rejects, source, throws } from "./lib/assert.js";

const told = async (name) => {
    const worker = new Worker(source(`
        try {
            cay.env.get("${name}");
        } catch (e) {
            postMessage(e.message);
        }`));
    const message = await receive(worker);
    worker.terminate();
    return message;
};
// The same whether the creator has it or not: that is not a child's to know.
for (const name of ["CAY_A", "CAY_B"]) {
    equal(await told(name), `env access to "${name}" is not granted to this worker; its creator can pass it ` +
        `on with { cay: { permissions: { env: ["${name}"] } } }, and has it with --allow-env=${name}`);
}
throws(() => cay.env.get("CAY_B"), "NotCapable", /; --allow-env=CAY_B would grant it$/);
await cay.permissions.revoke({ name: "env", variable: "CAY_A" });
throws(() => cay.env.get("CAY_A"), "NotCapable", /^env access to "CAY_A" was revoked$/);

// What is advised is enough by itself.
await rejects(fetch("http://localhost:9/"), "NotCapable", /--allow-net=localhost:9 would grant it/);

const start = (permissions) => new Worker("data:text/javascript,", { cay: { permissions } });
throws(() => start({ read: true }), "NotCapable", /does not have all of it; "inherit" gives what it has$/);

// What is no path is not taken for a name below the working directory.
for (const wrong of ["file:///data", "file:data", "~/data", "~"]) {
    throws(() => start({ read: ["/data", wrong] }), "TypeError", /is no path/);
    throws(() => start({ deny: { write: [wrong] } }), "TypeError", /is no path/);
}
throws(() => start({ read: ["./~/data"] }), "NotCapable", /~\/data/);
done();
