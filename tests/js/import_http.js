// SPDX-License-Identifier: MIT
// server: http
// flags: --allow-import=127.0.0.1:{port} --no-cache
// args: http://127.0.0.1:{port}
// Modules over http: text, JSON, redirects, one instance for each URL; what is no module is refused.
import { done, equal, rejects, same } from "./lib/assert.js";

const [base] = cay.args;
const at = (text, type) => `${base}/module?t=${encodeURIComponent(text)}${type ? `&type=${encodeURIComponent(type)}` : ""}`;
const asJson = { assert: { type: "json" } };
const one = at("export const o = {}; export const url = import.meta.url; export default 1;");
const m = await import(one);
equal(m.url, one);
equal(await import(one), m);
equal((await import(`${one}#other`)) === m, false);
equal(await import(`${base}/redirect?to=${encodeURIComponent(one)}`), m);
equal((await import(at(`import d, { o } from "${one}"; export const sum = [d, o];`))).sum[1], m.o);
equal((await import(at("export const r = import.meta.resolve('./x');"))).r, `${base}/x`);
same((await import(`${base}/json`, asJson)).default.a[0], 1);
same((await import(at("[2]", "text/plain+json"), asJson)).default, [2]);
await rejects(import(`${base}/json`), "TypeError", /not that of a JavaScript module/);
await rejects(import(at("1"), asJson), "TypeError", /not that of a JSON module/);
await rejects(import(`${base}/hello`), "TypeError", /text\/plain/);
await rejects(import(at("let x: number = 1", "application/typescript")), "TypeError", /JavaScript only/);
await rejects(import(`${base}/nothing`), "TypeError", /status 404/);
await rejects(import(`${base}/short`), "TypeError");
await rejects(import(`${base}/garbage`), "TypeError");
await rejects(import(at("export const = 1")), "SyntaxError");
await rejects(import(base.replace("127", "user:pw@127") + "/json"), "TypeError", /password/);
await rejects(import("http://127.0.0.1:1/"), "TypeError", /--allow-import=127\.0\.0\.1:1/);
await rejects(import(at(`import "${new URL("./lib/assert.js", import.meta.url)}"`)), "TypeError", /may not import files/);
done();
