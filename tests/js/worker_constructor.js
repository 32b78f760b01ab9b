// SPDX-License-Identifier: MIT
// What the Worker constructor refuses.
import { done, equal, same, source, throws } from "./lib/assert.js";

throws(() => new Worker(), "TypeError");
throws(() => Worker("data:text/javascript,"), "TypeError");
throws(() => new Worker("data:text/javascript,", { type: "classic" }), "NotSupportedError");
throws(() => new Worker("data:text/javascript,", { type: "nonsense" }), "TypeError");
throws(() => new Worker("data:text/javascript,", { credentials: "nonsense" }), "TypeError");
throws(() => new Worker("data:text/javascript,", 5), "TypeError");
throws(() => new Worker("http://[", {}), "SyntaxError");
throws(() => new Worker({ toString() { throw new RangeError("url"); } }), "RangeError");
const order = [];
const options = {
    get type() { order.push("type"); return "module"; },
    get name() { order.push("name"); return { toString() { order.push("text"); return "n"; } }; },
    get credentials() { order.push("credentials"); return "omit"; },
};
const worker = new Worker(source(""), options);
same(order, ["credentials", "name", "text", "type"]);
equal(Object.prototype.toString.call(worker), "[object Worker]");
throws(() => Worker.prototype.terminate.call({}), "TypeError");
throws(() => worker.postMessage(), "TypeError");
throws(() => worker.postMessage(() => {}), "DataCloneError");
throws(() => structuredClone(worker), "DataCloneError");
worker.terminate();
class Mine extends Worker {}
const mine = new Mine(source(""));
equal(mine instanceof Mine, true);
mine.terminate();
done();
