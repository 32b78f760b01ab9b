// SPDX-License-Identifier: MIT
// flags: --audit={tmp}/audit.jsonl --allow-read={tmp},/data --allow-wasm
// args: {tmp}
// Every decision is in the audit: revocations, workers that were not made, code from strings.
import { done, equal, throws } from "./lib/assert.js";

// Kind, value, outcome and rule of what was written since it was read last.
let seen = 0;
const news = async () => {
    const records = (await cay.readTextFile(`${cay.args[0]}/audit.jsonl`)).trim().split("\n").map(JSON.parse);
    const fresh = records.slice(seen).filter(({ value }) => !value.endsWith("audit.jsonl"));
    seen = records.length;
    return fresh.map(({ kind, value, outcome, rule }) => `${kind} [${value}] ${outcome} ${rule}`).join("\n");
};

await cay.permissions.revoke({ name: "read", path: "/data/x" });
await cay.permissions.revoke({ name: "wasm" });
equal(await news(), "read [/data/x] denied deny-read=/data/x\nwasm [] denied deny-wasm");

const start = (permissions) => new Worker("data:text/javascript,", { cay: { permissions } });
throws(() => start({ read: ["/data/y", "/data/x/y"] }), "NotCapable");
throws(() => start({ net: ["example.com:80"] }), "NotCapable");
equal(await news(), "read [/data/x/y] denied deny-read=/data/x\nnet [example.com:80] denied null");

throws(() => eval("1"), "EvalError");
throws(() => new Function("1"), "EvalError");
equal(await news(), "eval [] denied null\neval [] denied null");
done();
