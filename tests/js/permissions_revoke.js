// SPDX-License-Identifier: MIT
// flags: --allow-read=/data,/etc --allow-env --allow-net --allow-eval --allow-sys
// Taking permissions away, for good.
import { done, equal, rejects, throws } from "./lib/assert.js";

const { query, revoke } = cay.permissions;
equal((await revoke({ name: "read", path: "/etc" })).state, "denied");
equal((await query({ name: "read", path: "/etc/hosts" })).state, "denied");
equal((await query({ name: "read", path: "/data" })).state, "granted");
await rejects(cay.readFile("/etc/hosts"), "NotCapable");
equal((await revoke({ name: "read", path: "/data/x" })).state, "denied");
equal((await query({ name: "read", path: "/data" })).state, "partial");
equal((await revoke({ name: "write" })).state, "denied"); // which was never granted
equal((await revoke({ name: "read" })).state, "denied");
equal((await query({ name: "read" })).state, "denied");

equal((await revoke({ name: "env", variable: "HOME" })).state, "denied");
throws(() => cay.env.get("HOME"), "NotCapable");
equal((await query({ name: "env" })).state, "partial");
equal((await revoke({ name: "net", host: "example.com" })).state, "denied");
equal((await query({ name: "net", host: "example.com:80" })).state, "denied");
equal((await query({ name: "net", host: "example.org" })).state, "granted");
equal((await revoke({ name: "sys", kind: "os" })).state, "denied");
throws(() => cay.sys.os(), "NotCapable");
equal(typeof cay.sys.uptime(), "number");
equal((await revoke({ name: "eval" })).state, "denied");
equal((await query({ name: "eval" })).state, "denied");

// Nothing happens when an argument is wrong.
await rejects(revoke({ name: "sys", knd: "uptime" }), "TypeError", /"knd"/);
await rejects(revoke({ name: "sys" }, { worker: {} }), "TypeError", /Worker/);
await rejects(revoke({ name: "sys" }, { worker: null }), "TypeError", /Worker/);
await rejects(revoke({ name: "net", host: "a b" }), "TypeError", /^cay\.permissions\.revoke: host "a b": /);
await rejects(revoke(), "TypeError");
equal((await query({ name: "sys", kind: "uptime" })).state, "granted");
done();
