// SPDX-License-Identifier: MIT
// flags: --allow-read={tmp} --allow-write={tmp} --max-memory=4G
// args: {tmp}
// before: head -c 30000000 /dev/zero >large
// A worker that ends with operations under way and files open takes them along.
import { done, equal, once, source } from "./lib/assert.js";

const tmp = cay.args[0];
const code = (end) => `
    const files = [];
    for (let i = 0; i < 20; i++) {
        files.push(await cay.open("${tmp}/large", { read: true, write: true }));
    }
    for (const file of files) {
        for (let i = 0; i < 5; i++) {
            file.read(new Uint8Array(1 << 20));
            file.write(new Uint8Array(1 << 10));
        }
        cay.readFile("${tmp}/large");
        cay.readDir("${tmp}");
    }
    files[0].close();
    ${end}`;
for (const end of ["postMessage(1);", "close();", "cay.exit(0);", "throw 1;", "for (;;) { }"]) {
    const worker = new Worker(source(code(end)), { cay: { permissions: "inherit", limits: { memory: "2G" } } });
    worker.onerror = (event) => event.preventDefault();
    const closed = once(worker, "close");
    if (end === "postMessage(1);") {
        await once(worker, "message");
        worker.terminate();
    } else if (end === "for (;;) { }") {
        setTimeout(() => worker.terminate(), 50);
    }
    equal((await closed).type, "close");
}
// Nothing waits for operations either when the whole ends.
cay.readFile(`${tmp}/large`);
done();
