// SPDX-License-Identifier: MIT
// flags: --allow-sys --deny-sys=hostname
// Facts about the machine, each by its permission.
import { done, equal, ok, same, throws } from "./lib/assert.js";

throws(() => cay.sys.hostname(), "NotCapable");
const os = cay.sys.os();
same(Object.keys(os), ["name", "release", "version", "machine"]);
equal(os.name, "Linux");
const { count, model } = cay.sys.cpus();
ok(count >= 1 && Number.isInteger(count));
equal(typeof model, "string");
const { total, free, available } = cay.sys.memory();
ok(total > 1 << 20 && free > 0 && free <= total && available <= total);
const load = cay.sys.load();
equal(load.length, 3);
ok(load.every((n) => n >= 0));
ok(cay.sys.uptime() > 0 && Number.isInteger(cay.sys.uptime()));
done();
