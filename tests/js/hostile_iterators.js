// SPDX-License-Identifier: MIT
// Patched iterators, array methods and Function.prototype do not run inside the glue.

let calls = 0;
function bad() {
    calls++;
    throw new Error("the glue called the guest's");
}
const ArrayIteratorPrototype = Object.getPrototypeOf([][Symbol.iterator]());
const MapIteratorPrototype = Object.getPrototypeOf(new Map().entries());
const { port1, port2 } = new MessageChannel();
const define = Object.defineProperty;
function patch(object, keys) {
    for (let i = 0; i < keys.length; i++) {
        define(object, keys[i], { value: bad, writable: true, configurable: true });
    }
}
patch(MapIteratorPrototype, ["next"]);
patch(Map.prototype, ["get", "set", "has", "delete"]);
patch(Set.prototype, ["add", "has", "delete"]);
patch(Array.prototype, ["push", "pop", "slice", "splice", "indexOf", "forEach", "map", "filter", "join", "includes"]);
patch(Function.prototype, ["call", "apply", "bind"]);
patch(Promise.prototype, ["then", "catch", "finally"]);
patch(String.prototype, ["slice", "split", "indexOf", "replace", "startsWith"]);
patch(Object, ["defineProperty", "keys", "freeze", "assign", "create", "setPrototypeOf"]);
patch(Reflect, ["apply", "construct", "ownKeys"]);
patch(WeakRef.prototype, ["deref"]);
define(ArrayIteratorPrototype, "next", { value: bad, writable: true, configurable: true });
define(Array.prototype, Symbol.iterator, { value: bad, writable: true, configurable: true });

const target = new EventTarget();
let ran = 0;
const f = () => {
    ran++;
};
target.addEventListener("x", f, { once: true });
target.addEventListener("y", f);
target.removeEventListener("y", f);
target.dispatchEvent(new Event("x"));
const controller = new AbortController();
controller.signal.onabort = f;
target.addEventListener("z", f, { signal: controller.signal });
controller.abort();
const id = setTimeout(f, 0, 1, 2);
clearTimeout(id);
setTimeout(f, 0, 1, 2);
queueMicrotask(f);
port1.onmessage = f;
port2.postMessage({ a: [1, 2] });
structuredClone({ a: 1 }, { transfer: undefined });
const url = new URL("b?c=d", "http://h/a");
url.searchParams.append("x", "y");
new DOMException("m", "AbortError");
console.log("text", 1, true);
const worker = new Worker("data:text/javascript,postMessage(1)");
worker.onmessage = () => {
    ran += 100;
    worker.terminate();
};
worker.onclose = () => {
    console.log(calls === 0 && ran === 105 ? "ok" : `calls ${calls} ran ${ran}`);
};
