// SPDX-License-Identifier: MIT
// DOMException is an error with a name, a message, a legacy code and a stack.
import { done, equal, ok, same, throws } from "./lib/assert.js";

const e = new DOMException("text", "DataCloneError");
same([e.name, e.message, e.code], ["DataCloneError", "text", 25]);
equal(e instanceof Error, true);
equal(String(e), "DataCloneError: text");
ok(e.stack.startsWith("DataCloneError: text"), "stack");
ok(e.stack.includes("dom_exception.js"), "stack has the position");
same([new DOMException().name, new DOMException().message, new DOMException().code], ["Error", "", 0]);
equal(DOMException.ABORT_ERR, 20);
equal(DOMException.prototype.DATA_CLONE_ERR, 25);
equal(Object.prototype.toString.call(e), "[object DOMException]");
equal(new DOMException("", "__proto__").code, 0);
throws(() => DOMException.prototype.name, "TypeError");
throws(() => DOMException("x"), "TypeError");
class Mine extends DOMException {}
equal(new Mine("m", "AbortError") instanceof Mine, true);
done();
