// SPDX-License-Identifier: MIT
// server: http
// flags: --allow-net=127.0.0.1:{port}
// args: http://127.0.0.1:{port}
// A worker that is terminated in the middle of fetches of every kind ends, and its connections with it.
import { done, equal, once, sleep } from "./lib/assert.js";

const [base] = cay.args;
const code = `
    const base = ${JSON.stringify(base)};
    for (let i = 0; i < 10; i++) fetch(base + "/hang?key=t");
    for (let i = 0; i < 10; i++) fetch(base + "/half?key=t").then((r) => r.text());
    for (let i = 0; i < 10; i++) fetch(base + "/endless?key=t").then((r) => { globalThis["r" + i] = r; });
    for (let i = 0; i < 10; i++) fetch(base + "/body", { method: "POST", duplex: "half",
        body: new ReadableStream({ pull(c) { c.enqueue(new Uint8Array(1000)); } }) });
    for (let i = 0; i < 200; i++) fetch(base + "/slow?ms=5").then((r) => r.text());
    postMessage("begun");
`;
for (const wait of [0, 1, 30]) {
    const worker = new Worker(`data:text/javascript,${encodeURIComponent(code)}`, { cay: { permissions: "inherit" } });
    await once(worker, "message");
    await sleep(wait);
    const closed = once(worker, "close");
    worker.terminate();
    equal((await closed).reason, "terminated");
}
while (Number(await (await fetch(`${base}/gone?key=t`)).text()) < 10) {
    await sleep(5);
}
done();
