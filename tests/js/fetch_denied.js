// SPDX-License-Identifier: MIT
// server: http
// flags: --allow-net=127.0.0.1:{port}
// args: http://127.0.0.1:{port}
// Without a grant a fetch is refused, and the message tells the flag; a redirect is judged as well.
import { child, done, equal, ok, receive, rejects } from "./lib/assert.js";

const [base] = cay.args;
const port = base.split(":")[2];
const count = async (key) => Number(await (await fetch(`${base}/count?key=${key}`)).text());
await count("denied");
const denied = await rejects(fetch(`http://localhost:${port}/count?key=denied`), "NotCapable", /--allow-net=localhost:/);
ok(denied instanceof cay.errors.NotCapable);
equal(denied.code, "NotCapable");
await rejects(fetch("http://example.test/"), "NotCapable", /example\.test/);
await rejects(fetch(`${base}/redirect?to=${encodeURIComponent(`http://localhost:${port}/count?key=denied`)}`), "NotCapable",
    /localhost/);
await rejects(fetch(`${base}/redirect?to=${encodeURIComponent("http://169.254.169.254/")}`), "NotCapable", /169\.254/);
for (const host of ["2130706433", "0x7f.1", "0177.0.0.1", "127.1"]) { // all are 127.0.0.1, which is granted
    equal(await (await fetch(`http://${host}:${port}/hello`)).text(), "hello");
}
for (const host of ["[::1]", "0.0.0.0", "127.0.0.2", "localhost."]) {
    await rejects(fetch(`http://${host}:${port}/count?key=denied`), "NotCapable");
}
equal(await count("denied"), 2);
const worker = child(`fetch("${base}/count?key=denied").then(() => postMessage("reached"), (e) => postMessage(e.name));`);
equal(await receive(worker), "NotCapable");
worker.terminate();
equal(await count("denied"), 3);
done();
