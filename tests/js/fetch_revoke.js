// SPDX-License-Identifier: MIT
// server: http
// flags: --allow-net=127.0.0.1:{port}
// args: http://127.0.0.1:{port}
// A grant that is revoked ends what is under way with it, and nothing more is given out.
import { done, equal, rejects, same } from "./lib/assert.js";

const [base] = cay.args;
const port = base.split(":")[2];
const open = await fetch(`${base}/endless`);
const reader = open.body.getReader();
await reader.read();
const unread = await fetch(`${base}/half`);
const reading = (await fetch(`${base}/half`)).text();
const waiting = [];
for (let i = 0; i < 100; i++) {
    waiting.push(fetch(`${base}/hang`));
}
const outcomes = Promise.allSettled([reading, ...waiting]);
await cay.permissions.revoke({ name: "net", host: `127.0.0.1:${port}` });
for (const { status, reason } of await outcomes) {
    same([status, reason.name], ["rejected", "NotCapable"]);
}
await rejects((async () => {
    for (let i = 0; i < 100; i++) {
        await reader.read();
    }
})(), "NotCapable", /revoked/);
await rejects(unread.text(), "NotCapable");
await rejects(fetch(`${base}/hello`), "NotCapable");
equal((await cay.permissions.query({ name: "net", host: `127.0.0.1:${port}` })).state, "denied");
done();
