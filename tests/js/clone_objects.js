// SPDX-License-Identifier: MIT
// Objects, arrays with holes and properties; cycles and shared references; what is not carried along.
import { done, equal, ok, same } from "./lib/assert.js";

const holes = [1, , 3];
holes.extra = "x";
const array = structuredClone(holes);
same([array.length, 1 in array, array.extra], [3, false, "x"]);

const cycle = { name: "c" };
cycle.self = cycle;
cycle.list = [cycle, cycle];
const copy = structuredClone(cycle);
equal(copy.self, copy);
equal(copy.list[0], copy);
equal(copy.list[1], copy);
ok(copy !== cycle);

class Point {
    #secret = 1;
    constructor() {
        this.x = 1;
    }
    get y() {
        return this.#secret;
    }
}
const point = structuredClone(new Point());
equal(Object.getPrototypeOf(point), Object.prototype);
same(Object.keys(point), ["x"]);

const odd = Object.defineProperties({ shown: 1, [Symbol("s")]: 2 }, { hidden: { value: 3 } });
same(Reflect.ownKeys(structuredClone(odd)), ["shown"]);
equal(structuredClone({ get a() { return 5; } }).a, 5);
equal(Object.getPrototypeOf(structuredClone(Object.create(null))), Object.prototype);
same(structuredClone({ ["__proto__"]: 7 })["__proto__"], 7);
equal(Object.isFrozen(structuredClone(Object.freeze({ a: 1 }))), false);
done();
