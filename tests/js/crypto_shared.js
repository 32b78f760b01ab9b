// SPDX-License-Identifier: MIT
// flags: --allow-shared-memory --allow-read={tmp} --allow-write={tmp}
// args: {tmp}
// Memory that is shared is not read from or written to: another thread could change it meanwhile.
import { done, rejects, throws } from "./lib/assert.js";

const shared = new SharedArrayBuffer(8);
const view = new Uint8Array(shared);
throws(() => crypto.getRandomValues(view), "TypeError", /shared/);
await rejects(crypto.subtle.digest("SHA-1", view), "TypeError");
await rejects(crypto.subtle.digest("SHA-1", shared), "TypeError");
await rejects(crypto.subtle.digest("SHA-1", new DataView(shared)), "TypeError");
const path = `${cay.args[0]}/file`;
for (const wrong of [view, shared, new DataView(shared)]) {
    await rejects(cay.writeFile(path, wrong), "TypeError");
}
await cay.writeTextFile(path, "x");
const file = await cay.open(path, { read: true, write: true });
for (const wrong of [view, shared, new DataView(shared)]) {
    await rejects(file.read(wrong), "TypeError");
    await rejects(file.write(wrong), "TypeError");
}
done();
