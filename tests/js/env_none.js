// SPDX-License-Identifier: MIT
// env: CAY_A=1
// Without a grant there is no environment, and nothing about the machine.
import { done, equal, same, throws } from "./lib/assert.js";

throws(() => cay.env.get("CAY_A"), "NotCapable", /--allow-env=CAY_A/);
throws(() => cay.env.has("CAY_A"), "NotCapable");
same(cay.env.toObject(), {});
for (const name of ["hostname", "os", "cpus", "memory", "load", "uptime"]) {
    throws(() => cay.sys[name](), "NotCapable", /--allow-sys/);
}
equal(Object.isFrozen(cay.sys), true);
done();
