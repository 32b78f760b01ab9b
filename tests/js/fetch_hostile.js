// SPDX-License-Identifier: MIT
// server: http
// flags: --allow-net=127.0.0.1:{port}
// args: http://127.0.0.1:{port}
// A guest that patches everything sees nothing of fetch's inside, and fetch goes on as it was.
import { done, equal, same } from "./lib/assert.js";

const base = cay.args[0];
const { then } = Promise.prototype;
const { defineProperty, getOwnPropertyDescriptor, setPrototypeOf } = Object;
let calls = 0;
const spy = () => function () {
    calls++;
    return undefined;
};
const undo = setPrototypeOf([], null);
const put = (object, name, descriptor) => {
    const before = getOwnPropertyDescriptor(object, name);
    undo[undo.length] = () => {
        if (before === undefined) {
            delete object[name];
        } else {
            defineProperty(object, name, setPrototypeOf(before, null));
        }
    };
    defineProperty(object, name, { __proto__: null, configurable: true, ...descriptor });
};
const targets = [
    [Map.prototype, ["get", "set", "delete", "has"]],
    [String.prototype, ["slice", "indexOf", "toLowerCase", "startsWith", "charCodeAt"]],
    [RegExp.prototype, ["exec", "test", Symbol.replace]],
    [ArrayBuffer.prototype, ["slice", "byteLength"]],
    [Object.getPrototypeOf(Uint8Array.prototype),
        ["set", "buffer", "byteLength", "byteOffset", "length", "subarray", Symbol.iterator]],
    [JSON, ["parse", "stringify"]],
    [FinalizationRegistry.prototype, ["register", "unregister"]],
    [WeakRef.prototype, ["deref"]],
    [Headers.prototype, ["get", "append", Symbol.iterator]],
    [Response.prototype, ["headers", "body"]],
    [Promise.prototype, ["then", "catch"]],
    [globalThis, ["Promise", "Headers", "URL", "Map", "Uint8Array", "FinalizationRegistry", "WeakRef", "TypeError"]],
    [Array.prototype, ["push", "slice", "sort", Symbol.iterator]],
];
const keys = ["0", "5", "6", "open", "code", "message", "rid", "first", "kind", "headers", "parts", "next", "transfer"];
for (let i = 0; i < targets.length; i++) {
    const [object, names] = targets[i];
    setPrototypeOf(names, null);
    for (let j = 0; j < names.length; j++) {
        put(object, names[j], { value: spy(), writable: true });
    }
}
for (let i = 0; i < keys.length; i++) {
    put(Object.prototype, keys[i], { get: spy(), set: spy() });
    put(Array.prototype, keys[i], { get: spy(), set: spy() });
}
const before = calls;
const outcome = { __proto__: null };
const finish = () => {
    const after = calls;
    for (let i = undo.length - 1; i >= 0; i--) {
        undo[i]();
    }
    same(outcome.json, { a: [1, 2, { b: null }] });
    same([outcome.text, outcome.buffer?.byteLength, outcome.refused, outcome.error?.message], ["hello", 300000, "NotCapable", undefined]);
    equal(after - before, 0, "calls of what was patched");
    done();
};
const follow = { __proto__: null, then: (promise, next) => Reflect.apply(then, promise, [next, (error) => {
    outcome.error = error;
    finish();
}]) };
const headers = { __proto__: null, a: "b" };
follow.then(fetch(`${base}/hello`, { __proto__: null, headers }), (r) => {
    follow.then(r.text(), (text) => {
        outcome.text = text;
        askJson();
    });
});
const askJson = () => {
    follow.then(fetch(`${base}/json`), (r) => {
        follow.then(r.json(), (json) => {
            outcome.json = json;
            askBytes();
        });
    });
};
const askBytes = () => {
    const init = { __proto__: null, method: "POST", body: "x" };
    follow.then(fetch(`${base}/bytes?n=300000`, init), (r) => {
        follow.then(r.arrayBuffer(), (buffer) => {
            outcome.buffer = buffer;
            askForbidden();
        });
    });
};
const askForbidden = () => {
    Reflect.apply(then, fetch("http://10.0.0.1/"), [undefined, (error) => {
        outcome.refused = error.name;
        finish();
    }]);
};
