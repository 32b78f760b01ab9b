// SPDX-License-Identifier: MIT
// blob: URLs: fetched by the worker that made them, and by no other.
import { child, done, equal, receive, rejects, same, throws } from "./lib/assert.js";

const blob = new Blob(["in the blob"], { type: "a/b" });
const url = URL.createObjectURL(blob);
equal(/^blob:null\/[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(url), true);
equal(URL.createObjectURL(blob) === url, false);
const r = await fetch(`${url}#fragment`);
same([r.status, r.url, r.headers.get("content-type"), r.headers.get("content-length")], [200, url, "a/b", "11"]);
const twin = r.clone();
new Uint8Array(await r.arrayBuffer()).fill(0);
equal(await twin.text(), "in the blob");
equal(await (await fetch(url)).text(), "in the blob");
await rejects(fetch(url, { method: "POST" }), "TypeError");
const worker = child(`onmessage = async (e) => {
    postMessage(await fetch(e.data).then(() => "reached", (error) => error.name));
};`);
worker.postMessage(url);
equal(await receive(worker), "TypeError");
worker.terminate();
URL.revokeObjectURL(`${url}#x`);
URL.revokeObjectURL("blob:null/none");
await rejects(fetch(url), "TypeError", /no blob/);
throws(() => URL.createObjectURL({}), "TypeError");
throws(() => URL.createObjectURL(), "TypeError");
throws(() => URL.revokeObjectURL(), "TypeError");
done();
