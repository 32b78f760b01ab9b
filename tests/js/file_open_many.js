// SPDX-License-Identifier: MIT
// flags: --allow-read={tmp}
// args: {tmp}
// before: printf x >file
// A bound on open files, and every number is used once: a closed file's finds nothing.
import { done, equal, rejects } from "./lib/assert.js";

const files = [];
let refused = 0;
for (let i = 0; i < 1100; i++) {
    try {
        files.push(await cay.open(`${cay.args[0]}/file`));
    } catch (error) {
        equal(error.name, "LimitReached");
        refused++;
    }
}
equal(files.length <= 1024, true);
equal(refused, 1100 - files.length);
await Promise.all(files.map((file) => file.close()));
const again = await cay.open(`${cay.args[0]}/file`);
for (const file of files) {
    await rejects(file.stat(), "Closed");
}
equal((await again.stat()).size, 1);
done();
