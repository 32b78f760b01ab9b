// SPDX-License-Identifier: MIT
// flags: --allow-env=CAY_A,CAY_P_* --deny-env=CAY_P_SECRET
// env: CAY_A=1 CAY_P_X=x=y CAY_P_EMPTY= CAY_P_SECRET=s CAY_OTHER=2 CAY_P___proto__=p
// The environment: what is granted, by exact names and prefixes, and nothing of the rest.
import { done, equal, ok, same, throws } from "./lib/assert.js";

equal(cay.env.get("CAY_A"), "1");
equal(cay.env.get("CAY_P_X"), "x=y");
equal(cay.env.get("CAY_P_EMPTY"), "");
equal(cay.env.get("CAY_P_NONE"), undefined);
equal(cay.env.has("CAY_P_EMPTY"), true);
equal(cay.env.has("CAY_P_NONE"), false);
for (const name of ["CAY_OTHER", "PATH", "HOME", "CAY_P_SECRET", "cay_a", "CAY_AB", "CAY_P"]) {
    const error = throws(() => cay.env.get(name), "NotCapable");
    ok(error.message.includes(name));
    throws(() => cay.env.has(name), "NotCapable");
}
for (const wrong of ["", "A=B", "CAY_A=1", "A\0B"]) {
    throws(() => cay.env.get(wrong), "TypeError");
    throws(() => cay.env.has(wrong), "TypeError");
}
throws(() => cay.env.get(), "TypeError");
throws(() => cay.env.get(Symbol("x")), "TypeError");

const all = cay.env.toObject();
same(Object.keys(all).sort(), ["CAY_A", "CAY_P_EMPTY", "CAY_P_X", "CAY_P___proto__"]);
equal(Object.getPrototypeOf(all), Object.prototype);
all.CAY_A = "changed"; // a copy
equal(cay.env.get("CAY_A"), "1");
equal(Object.isFrozen(cay.env), true);

await cay.permissions.revoke({ name: "env", variable: "CAY_A" });
throws(() => cay.env.get("CAY_A"), "NotCapable");
same(Object.keys(cay.env.toObject()).length, 3);
done();
