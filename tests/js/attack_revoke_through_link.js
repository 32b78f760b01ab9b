// flags: --allow-read={tmp}
// args: {tmp}
// before: mkdir secret && echo secret > secret/text && ln -s secret/text link
// What was read through a link before the place where it lies was revoked is not told after that.
import { done, equal } from "./lib/assert.js";

const [dir] = cay.args;
const outcome = (promise) => promise.then(() => "told", (error) => error.code);

const file = await cay.open(`${dir}/link`);
const reads = [
    outcome(cay.readTextFile(`${dir}/link`)),
    outcome(cay.stat(`${dir}/link`)),
    outcome(cay.open(`${dir}/link`)),
    outcome(file.read(new Uint8Array(10))),
    outcome(file.stat()),
];
// Time enough for the threads that read: nothing is settled before the guest returns.
for (const from = performance.now(); performance.now() - from < 300;);
cay.permissions.revoke({ name: "read", path: `${dir}/secret` });
for (const read of reads) {
    equal(await read, "NotCapable");
}
done();
