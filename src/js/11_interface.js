// SPDX-License-Identifier: MIT
// How an ES class becomes a Web IDL interface: names, attributes of its members, brands.
import { ops } from "./00_ops.js";
import {
    ObjectDefineProperty, ObjectGetOwnPropertyDescriptor, ObjectSetPrototypeOf, ReflectOwnKeys,
    SymbolToStringTag, isObject, listPush, newList,
} from "./00_primordials.js";

// Interfaces that 90_scope.js puts on the global object: [name, class] pairs.
const exposed = newList();

export function exposedInterfaces() {
    return exposed;
}

function makeEnumerable(holder, skip) {
    const keys = ReflectOwnKeys(holder);
    for (let i = 0; i < keys.length; i++) {
        const key = keys[i];
        if (typeof key === "symbol" || key === "constructor" || skip[key] === true) {
            continue;
        }
        const d = ObjectGetOwnPropertyDescriptor(holder, key);
        d.enumerable = true;
        ObjectDefineProperty(holder, key, d);
    }
}

const ownOfFunctions = { __proto__: null, length: true, name: true, prototype: true };

// Gives a class the shape of an interface. The name is set here because bundling may rename classes.
export function defineInterface(name, klass, length = 0, isGlobal = true) {
    ObjectDefineProperty(klass, "name", { __proto__: null, value: name, configurable: true });
    ObjectDefineProperty(klass, "length", { __proto__: null, value: length, configurable: true });
    makeEnumerable(klass, ownOfFunctions);
    makeEnumerable(klass.prototype, { __proto__: null });
    ObjectDefineProperty(klass.prototype, SymbolToStringTag, {
        __proto__: null,
        value: name,
        configurable: true,
    });
    if (isGlobal) {
        listPush(exposed, { name, klass });
    }
}

// Constants: on the interface and on its prototype.
export function defineConstants(klass, constants) {
    const keys = ReflectOwnKeys(constants);
    for (let i = 0; i < keys.length; i++) {
        const d = { __proto__: null, value: constants[keys[i]], enumerable: true };
        ObjectDefineProperty(klass, keys[i], d);
        ObjectDefineProperty(klass.prototype, keys[i], d);
    }
}

// What a constructor returns becomes `this` of the class below it: so a private field, which nobody can
// forge, can be put on any object.
class Override {
    constructor(object) {
        return object;
    }
}

// A brand: stamp(object, state) marks an object once, state(object) gives the state back or undefined. The
// constructor is spelled out because V8 passes the arguments of a default one through the array iterator,
// which belongs to the guest.
export function newBrand() {
    return class Brand extends Override {
        #state;
        constructor(object, state) {
            super(object);
            this.#state = state;
        }
        static stamp(object, state) {
            new Brand(object, state);
            return object;
        }
        static state(value) {
            return isObject(value) && #state in value ? value.#state : undefined;
        }
    };
}

export const KIND_PORT = 1;
export const KIND_OTHER = 2;

// An object with native internals, which structured clone therefore does not take for a plain one. A
// constructor returns it in place of its `this`.
export function newHostObject(kind, rid, prototype) {
    return ObjectSetPrototypeOf(ops.hostObject(kind, rid), prototype);
}
