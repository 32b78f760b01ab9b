// SPDX-License-Identifier: MIT
// data: URLs need no permission; the network does.
import { done, equal, rejects, same } from "./lib/assert.js";

const r = await fetch("data:text/html;charset=utf-8;base64,PHA+#x");
same([r.status, r.statusText, r.url, r.headers.get("content-type"), await r.text()],
    [200, "OK", "data:text/html;charset=utf-8;base64,PHA+", "text/html;charset=utf-8", "<p>"]);
equal(await (await fetch("data:,caf%C3%A9")).text(), "caf\u00e9");
equal((await fetch("data:,x")).headers.get("content-type"), "text/plain;charset=US-ASCII");
equal(await (await fetch(new Request("data:,x", { method: "POST", body: "y" }))).text(), "x");
await rejects(fetch("data:no comma"), "TypeError", /data:/);
await rejects(fetch("data:x;base64,%"), "TypeError");
await rejects(fetch("http://127.0.0.1/"), "NotCapable", /--allow-net/);
await rejects(fetch("https://example.com/"), "NotCapable", /example\.com:443/);
equal(cay.errors.NotCapable.name, "NotCapable");
done();
