// SPDX-License-Identifier: MIT
// flags: --allow-read={tmp} --allow-write={tmp}
// args: {tmp}
// before: printf x >small; head -c 50000000 /dev/zero >large
// Abort signals end operations on whole files.
import { done, equal, rejects } from "./lib/assert.js";

const tmp = cay.args[0];
await rejects(cay.readFile(`${tmp}/large`, { signal: AbortSignal.abort() }), "AbortError");
equal(await cay.readFile(`${tmp}/large`, { signal: AbortSignal.abort("why") }).catch((r) => r), "why");
await rejects(cay.writeTextFile(`${tmp}/new`, "x", { signal: AbortSignal.abort() }), "AbortError");
await rejects(cay.stat(`${tmp}/new`), "NotFound");
for (const wrong of [null, {}, new EventTarget(), true]) {
    await rejects(cay.readFile(`${tmp}/small`, { signal: wrong }), "TypeError");
}
{
    const controller = new AbortController();
    const { signal } = controller;
    const reads = [];
    for (let i = 0; i < 20; i++) {
        reads.push(cay.readFile(`${tmp}/large`, { signal }));
    }
    controller.abort();
    for (const read of reads) {
        await rejects(read, "AbortError");
    }
}
// After the end it changes nothing; one signal serves any number of operations.
const controller = new AbortController();
const { signal } = controller;
for (let i = 0; i < 300; i++) {
    equal((await cay.readTextFile(`${tmp}/small`, { signal })), "x");
}
const last = cay.readTextFile(`${tmp}/small`, { signal: AbortSignal.any([signal]) });
equal(await last, "x");
controller.abort();
await rejects(cay.readTextFile(`${tmp}/small`, { signal }), "AbortError");
equal(await last, "x");
done();
