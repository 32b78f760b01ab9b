// SPDX-License-Identifier: MIT
// navigator tells what cay is and nothing about the machine.
import { done, equal, ok, same, throws } from "./lib/assert.js";

ok(/^cay\/\d+\.\d+\.\d+$/.test(navigator.userAgent), "userAgent");
ok(navigator.hardwareConcurrency >= 1, "hardwareConcurrency");
equal(navigator.language, "en-US");
same(navigator.languages, ["en-US"]);
equal(Object.isFrozen(navigator.languages), true);
equal(navigator.languages, navigator.languages);
equal(navigator.platform, "");
throws(() => new WorkerNavigator(), "TypeError");
done();
