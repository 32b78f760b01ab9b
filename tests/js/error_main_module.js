// SPDX-License-Identifier: MIT
// A worker whose main module fails tells so: error, then close.
import { done, equal, ok, once, same, source } from "./lib/assert.js";

async function fails(url) {
    const worker = new Worker(url);
    const seen = [];
    worker.addEventListener("error", (e) => {
        e.preventDefault();
        seen.push("error");
        ok(e.message.length > 0, "message");
    });
    const event = await once(worker, "close");
    seen.push("close");
    same(seen, ["error", "close"]);
    equal(event.reason, "main module failed");
    ok(event.exitCode !== 0, "exit code");
}
await fails(source("throw new Error('evaluation')"));
await fails(source("const = 5"));
await fails(source("import './nothing-to-be-relative-to.js'"));
await fails(new URL("./no-such-file.js", import.meta.url));
await fails("http://127.0.0.1:1/x.js");
await fails(source("await Promise.reject(new Error('later'))"));
done();
