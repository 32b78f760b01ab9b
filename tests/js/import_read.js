// SPDX-License-Identifier: MIT
// before: mkdir yes no && echo 'export default 1' > yes/a.mjs && echo 'export default 2' > no/b.mjs && ln -s ../no/b.mjs yes/link.mjs
// before: echo '[3]' > yes/c.json && ln -s /etc/passwd yes/passwd
// flags: --allow-read={tmp}/yes
// args: {tmp}
// Files outside of the module root need the read permission; links do not lead past it.
import { done, equal, rejects, same } from "./lib/assert.js";

const [tmp] = cay.args;
equal((await import(`file://${tmp}/yes/a.mjs`)).default, 1);
same((await import(`file://${tmp}/yes/c.json`, { assert: { type: "json" } })).default, [3]);
await rejects(import(`file://${tmp}/no/b.mjs`), "TypeError", /--allow-read=.*b\.mjs would grant it/);
await rejects(import(`file://${tmp}/yes/../no/b.mjs`), "TypeError", /is not granted/);
await rejects(import(`file://${tmp}/yes/link.mjs`), "TypeError", /link/);
await rejects(import(`file://${tmp}/yes/passwd`), "TypeError", /link/);
await rejects(import(`file://${tmp}/yesno/b.mjs`), "TypeError", /is not granted/);
await rejects(import(`file://${tmp}/yes/none.mjs`), "TypeError", /not found/);
await rejects(import("file:///proc/self/maps"), "TypeError", /is not granted/);
await rejects(import("blob:null/0"), "TypeError", /blob:/);
done();
