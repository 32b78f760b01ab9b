// SPDX-License-Identifier: MIT
// args: one --two 3
// cay: args, version, exit; frozen.
import { done, equal, same, throws } from "./lib/assert.js";

same(cay.args, ["one", "--two", "3"]);
equal(Object.isFrozen(cay), true);
equal(Object.isFrozen(cay.args), true);
equal(/^\d+\.\d+\.\d+$/.test(cay.version), true);
equal(typeof cay.exit, "function");
throws(() => {
    cay.args.push(1);
}, "TypeError");
done();
