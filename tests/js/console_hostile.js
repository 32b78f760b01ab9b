// SPDX-License-Identifier: MIT
// Values that throw, deceive or recurse while they are shown: console never throws.
import { done } from "./lib/assert.js";

const custom = Symbol.for("nodejs.util.inspect.custom");
let deep = {};
for (let i = 0; i < 100000; i++) {
    deep = [deep];
}
const values = [
    { [custom]() { throw new Error("custom"); } },
    { get [Symbol.toStringTag]() { throw new Error("tag"); } },
    new Proxy({}, { get() { throw new Error("get"); }, ownKeys() { throw new Error("keys"); }, getPrototypeOf() { throw new Error("proto"); } }),
    Object.defineProperty({}, "constructor", { get() { throw new Error("constructor"); } }),
    Object.defineProperty(new Error("e"), "stack", { get() { throw new Error("stack"); } }),
    Object.create(null), new Proxy(function () {}, {}), { __proto__: Map.prototype }, { __proto__: Date.prototype },
    new (class extends Map { get size() { throw new Error("size"); } })(), deep, Object(Symbol()), globalThis,
];
for (const value of values) {
    console.log(value);
    console.log("%s %o %O %d %j", value, value, value);
    console.dir(value, { depth: 5, showHidden: true });
    console.table([value]);
    console.assert(false, value);
    console.error(value);
}
const { proxy, revoke } = Proxy.revocable({}, {});
revoke();
console.log(proxy);
done();
