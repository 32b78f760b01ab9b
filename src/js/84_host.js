// SPDX-License-Identifier: MIT
// cay.host: the embedder's functions by name. Which names are bound is known in C alone, so every name is a
// function here, and one that nobody bound rejects.
import { ops } from "./00_ops.js";
import {
    Error, Map, MapPrototypeGet, MapPrototypeSet, ObjectCreate, ObjectFreeze, Proxy,
    RangeError, ReferenceError, SyntaxError, TypeError,
} from "./00_primordials.js";
import { request } from "./14_async.js";
import { newError, toCayError } from "./24_errors.js";
import { fromOpError } from "./20_dom_exception.js";

const constructors = {
    __proto__: null, Error, RangeError, ReferenceError, SyntaxError, TypeError,
};

function hostError({ name, message }) {
    const HostError = constructors[name] ?? Error;
    return new HostError(message);
}

// C gives [ok, value]: a rejection of the host is an outcome of its own, not a failure of the call.
function open(pair) {
    if (!pair[0]) {
        throw hostError(pair[1]);
    }
    return pair[1];
}

// What the op throws: an error of ours, of structured clone, or of a getter of the guest's.
function failure(name, error) {
    return error !== null && typeof error === "object" && error.code === "ENOTFOUND"
        ? newError("ENOTFOUND", `cay.host.${name} is not bound: the host gave this worker no such function`)
        : fromOpError(toCayError(error));
}

function call(name, args) {
    const argument = args.length > 1 ? args : args[0];
    return request((id) => ops.hostCall(id, name, argument), (error) => failure(name, error), open);
}

let functions; // name -> function, so that cay.host.x === cay.host.x

function newFunction(name) {
    const fn = {
        [name](...args) {
            return call(name, args);
        },
    }[name];
    MapPrototypeSet(functions, name, fn);
    return fn;
}

const MAX_NAMES = 10000;

export function newHost() {
    functions = new Map();
    let count = 0;
    const target = ObjectFreeze(ObjectCreate(null));
    return new Proxy(target, {
        __proto__: null,
        get(_target, key) {
            // `await cay.host` asks for "then": an object that answers is taken for a promise.
            if (typeof key !== "string" || key === "then") {
                return undefined;
            }
            const known = MapPrototypeGet(functions, key);
            if (known !== undefined) {
                return known;
            }
            if (++count > MAX_NAMES) {
                count = 1;
                functions = new Map();
            }
            return newFunction(key);
        },
        set() {
            return false;
        },
        defineProperty() {
            return false;
        },
    });
}
