// SPDX-License-Identifier: MIT
// What a getter throws comes out as it is, whatever it looks like.
import { done, equal, throws } from "./lib/assert.js";

for (const thrown of [new RangeError("mine"), "text", undefined, { code: 5 }]) {
    let caught;
    try {
        structuredClone({ get a() { throw thrown; } });
        caught = "nothing";
    } catch (e) {
        caught = e;
    }
    equal(caught, thrown);
}
const { port1 } = new MessageChannel();
throws(() => port1.postMessage({ get a() { throw new SyntaxError("s"); } }), "SyntaxError", /^s$/);
throws(() => structuredClone(0, { get transfer() { throw new EvalError("t"); } }), "EvalError", /^t$/);
throws(() => structuredClone(new Proxy({}, {})), "DataCloneError");
done();
