// SPDX-License-Identifier: MIT
// server: http
// flags: --allow-import=127.0.0.1:{port} --no-cache --worker-permissions=inherit
// args: http://127.0.0.1:{port}
// Code from http starts no worker from the program's files: as it may not import them. Without such code, and with
// the read permission, a worker's file is loaded as ever.
import { done, equal } from "./lib/assert.js";

const [base] = cay.args;
const file = new URL("./lib/assert.js", import.meta.url).href;
const outcome = (worker) => new Promise((resolve) => {
    worker.onerror = (event) => {
        event.preventDefault();
        resolve(event.message);
    };
    worker.addEventListener("close", (event) => resolve(event.reason));
});

const early = new URL("./lib/imported_file.js", import.meta.url).href;
equal(await outcome(new Worker(early)), "closed", "before");
const source = `
const data = "data:text/javascript," + encodeURIComponent("import '${file}'; close()");
export const start = () => new Worker("${file}");
export const startData = () => new Worker(data);
export const startByBuiltins = () => Promise.resolve().then(Reflect.construct.bind(null, Worker, ["${file}"], Worker));
//# sourceURL=file:///not/what/it/is.js`;
const { start, startByBuiltins, startData } = await import(`${base}/module?t=${encodeURIComponent(source)}`);
for (const begin of [start, startByBuiltins]) {
    const message = await outcome(await begin());
    equal(message.includes("--allow-read="), true, message);
    equal(message.includes("http or https"), true, message);
}
equal((await outcome(startData())).includes("may not import files"), true, "a data: worker of its own");
equal(await outcome(new Worker(early)), "closed", "a file's own code goes on as before");
done();
