// SPDX-License-Identifier: MIT
// flags: --allow-read={tmp}/g --allow-write={tmp}/g --deny-read={tmp}/real/a/secret,{tmp}/lb/secret,{tmp}/g/c/secret
// args: {tmp}
// before: mkdir -p real/a real/b real/c; for d in a b c; do printf s >real/$d/secret; done; ln -s real g; ln -s real/b lb
// A grant and a denial may name one place by different ways: the denial holds, also for what moves it.
import { done, equal, rejects } from "./lib/assert.js";

const dir = `${cay.args[0]}/g`;
for (const name of ["a", "b", "c"]) {
    await rejects(cay.readFile(`${dir}/${name}/secret`), "NotCapable");
    await rejects(cay.copyFile(`${dir}/${name}/secret`, `${dir}/stolen`), "NotCapable");
    await rejects(cay.rename(`${dir}/${name}/secret`, `${dir}/stolen`), "NotCapable");
    await rejects(cay.rename(`${dir}/${name}`, `${dir}/other`), "NotCapable");
}
await cay.mkdir(`${dir}/d`);
await cay.writeTextFile(`${dir}/d/x`, "x");
await cay.rename(`${dir}/d`, `${dir}/e`);
equal(await cay.readTextFile(`${dir}/e/x`), "x");
done();
