// SPDX-License-Identifier: MIT
// Node's util.inspect, as extracted by the package node-inspect-extracted, fitted to this engine.
//
// tools/js/bundle.sh lets the package take three of its inner modules from here: its primordials (only
// the names it uses: all of them would cost each worker 60 KB), its binding to the engine (the package
// alone cannot see into promises, proxies and iterators) and its type checks (which trust `instanceof`).
import { loadInspect } from "cay:inspect";
import { ops } from "./00_ops.js";
import {
    Array, ArrayBuffer, ArrayIsArray, BigInt, Boolean, DataView, Date, Error, ErrorCaptureStackTrace,
    ErrorPrototype, Function, FunctionPrototypeToString, JSON, Map, Math, Number, Object,
    ObjectDefineProperty, ObjectGetOwnPropertyDescriptor, ObjectGetPrototypeOf, ObjectPrototypeToString,
    ObjectSetPrototypeOf, Promise, Proxy, RangeError, Reflect, ReflectApply, ReflectOwnKeys, RegExp,
    RegExpPrototypeExec, Set, String, StringPrototypeCharCodeAt, StringPrototypeStartsWith, Symbol,
    SymbolIterator, SymbolToStringTag, TypeError, Uint8Array, WeakMap, WeakSet, globalObject,
    isObject, listPush, listToArray, newList, uncurryThis,
} from "./00_primordials.js";
import { isDOMException } from "./20_dom_exception.js";

// A string's code points without the guest's iterators.
class SafeStringIterator {
    #text;
    #at = 0;
    constructor(text) {
        this.#text = text;
    }
    next() {
        const text = this.#text;
        if (this.#at >= text.length) {
            return { value: undefined, done: true };
        }
        const c = StringPrototypeCharCodeAt(text, this.#at);
        const next = this.#at + 1 < text.length ? StringPrototypeCharCodeAt(text, this.#at + 1) : 0;
        const pair = c >= 0xd800 && c <= 0xdbff && next >= 0xdc00 && next <= 0xdfff;
        const value = pair ? text[this.#at] + text[this.#at + 1] : text[this.#at];
        this.#at += pair ? 2 : 1;
        return { value, done: false };
    }
    [SymbolIterator]() {
        return this;
    }
}

// ---- what is taken from the built-ins ----

// lint: snapshot time

const { AggregateError, SharedArrayBuffer } = globalObject;
const TypedArray = ObjectGetPrototypeOf(Uint8Array);
const TypedArrayPrototype = TypedArray.prototype;
const { toUpperCase } = String.prototype;

function capital(word) {
    return ReflectApply(toUpperCase, word[0], []) + word.slice(1);
}

function makeSafe(Base) {
    // An own constructor: the default one may pass its arguments through the guest's array iterator.
    class Safe extends Base {
        constructor(items) {
            super(items);
        }
    }
    const own = ReflectOwnKeys(Base.prototype);
    for (let i = 0; i < own.length; i++) {
        if (own[i] !== "constructor") {
            const d = ObjectGetOwnPropertyDescriptor(Base.prototype, own[i]);
            ObjectDefineProperty(Safe.prototype, own[i], d);
        }
    }
    ObjectSetPrototypeOf(Safe.prototype, null);
    return Safe;
}

function getter(prototype, key) {
    return ObjectGetOwnPropertyDescriptor(prototype, key).get;
}

function getterOf(prototype, key) {
    return uncurryThis(ObjectGetOwnPropertyDescriptor(prototype, key).get);
}

// What decides whether a value is of a type: a method that throws when it is not.
const builtin = {
    __proto__: null,
    arrayBuffer: getter(ArrayBuffer.prototype, "byteLength"),
    bigint: BigInt.prototype.valueOf,
    boolean: Boolean.prototype.valueOf,
    dataView: getter(DataView.prototype, "byteLength"),
    date: Date.prototype.getTime,
    map: getter(Map.prototype, "size"),
    number: Number.prototype.valueOf,
    regexp: getter(RegExp.prototype, "flags"),
    set: getter(Set.prototype, "size"),
    sharedArrayBuffer: SharedArrayBuffer && getter(SharedArrayBuffer.prototype, "byteLength"),
    string: String.prototype.valueOf,
    symbol: Symbol.prototype.valueOf,
    typedArrayTag: getterOf(TypedArrayPrototype, SymbolToStringTag),
};

const constructors = {
    __proto__: null,
    AggregateError, Array, ArrayBuffer, BigInt, Boolean, DataView, Date, Error, Function, Map, Number,
    Object, Promise, RangeError, RegExp, Set, String, Symbol, TypeError, TypedArray, Uint8Array,
    WeakMap, WeakSet,
};

// Methods of prototypes, called as XPrototypeMethod(x, ...).
const methods = {
    __proto__: null,
    Array: "filter forEach includes indexOf join map pop push slice sort splice unshift",
    BigInt: "valueOf",
    Boolean: "valueOf",
    Date: "getTime toISOString toString",
    Error: "toString",
    Function: "bind call toString",
    Map: "entries has",
    Number: "toString valueOf",
    Object: "hasOwnProperty propertyIsEnumerable toString",
    RegExp: "exec toString",
    Set: "has values",
    String: "charCodeAt codePointAt endsWith includes indexOf lastIndexOf normalize padEnd padStart " +
        "repeat replace replaceAll slice split startsWith toLowerCase valueOf",
    Symbol: "toString valueOf",
};

const statics = [
    ["Array", Array, "isArray"],
    ["JSON", JSON, "stringify"],
    ["Math", Math, "floor max min round sqrt trunc"],
    ["Number", Number, "isFinite isNaN parseFloat parseInt"],
    ["Object", Object, "assign defineProperty entries getOwnPropertyDescriptor " +
        "getOwnPropertyDescriptors getOwnPropertyNames getOwnPropertySymbols getPrototypeOf is isFrozen " +
        "keys seal setPrototypeOf"],
    ["Reflect", Reflect, "apply ownKeys"],
    ["Symbol", Symbol, "for iterator toPrimitive toStringTag"],
];

// lint: worker time

// ---- type checks ----

// The tag says what to try and costs no exception; the built-in itself then decides.
function hasTag(value, tag) {
    return isObject(value) && ObjectPrototypeToString(value) === tag;
}

function brandCheck(tag, builtin) {
    const check = uncurryThis(builtin);
    return (value) => {
        if (!hasTag(value, tag)) {
            return false;
        }
        try {
            check(value);
            return true;
        } catch {
            return false;
        }
    };
}

function inheritsFromError(value) {
    for (let p = ObjectGetPrototypeOf(value); p !== null; p = ObjectGetPrototypeOf(p)) {
        if (p === ErrorPrototype) {
            return true;
        }
    }
    return false;
}

const isArrayBuffer = brandCheck("[object ArrayBuffer]", builtin.arrayBuffer);
const isSharedArrayBuffer = builtin.sharedArrayBuffer === undefined
    ? () => false
    : brandCheck("[object SharedArrayBuffer]", builtin.sharedArrayBuffer);
const asyncFunction = /^async\b/;
const generatorFunction = /^(?:async\s+)?function\s*\*/;

const types = {
    __proto__: null,
    isAnyArrayBuffer: (value) => isArrayBuffer(value) || isSharedArrayBuffer(value),
    isArgumentsObject: (value) => hasTag(value, "[object Arguments]"),
    isArrayBuffer,
    isAsyncFunction: (value) => typeof value === "function" &&
        RegExpPrototypeExec(asyncFunction, FunctionPrototypeToString(value)) !== null,
    isBigIntObject: brandCheck("[object BigInt]", builtin.bigint),
    isBooleanObject: brandCheck("[object Boolean]", builtin.boolean),
    isBoxedPrimitive: (value) => types.isNumberObject(value) || types.isStringObject(value) ||
        types.isBooleanObject(value) || types.isBigIntObject(value) || types.isSymbolObject(value),
    isDataView: brandCheck("[object DataView]", builtin.dataView),
    isDate: brandCheck("[object Date]", builtin.date),
    isExternal: () => false,
    isGeneratorFunction: (value) => typeof value === "function" &&
        RegExpPrototypeExec(generatorFunction, FunctionPrototypeToString(value)) !== null,
    isMap: brandCheck("[object Map]", builtin.map),
    isMapIterator: (value) => hasTag(value, "[object Map Iterator]"),
    isModuleNamespaceObject: (value) => hasTag(value, "[object Module]"),
    isNativeError: (value) => hasTag(value, "[object Error]") || isDOMException(value) ||
        (isObject(value) && inheritsFromError(value)),
    isNumberObject: brandCheck("[object Number]", builtin.number),
    isPromise: (value) => hasTag(value, "[object Promise]") && promiseDetails(value) !== undefined,
    isRegExp: brandCheck("[object RegExp]", builtin.regexp),
    isSet: brandCheck("[object Set]", builtin.set),
    isSetIterator: (value) => hasTag(value, "[object Set Iterator]"),
    isStringObject: brandCheck("[object String]", builtin.string),
    isSymbolObject: brandCheck("[object Symbol]", builtin.symbol),
    isTypedArray: (value) => isObject(value) && builtin.typedArrayTag(value) !== undefined,
    isWeakMap: (value) => hasTag(value, "[object WeakMap]"),
    isWeakSet: (value) => hasTag(value, "[object WeakSet]"),
};

// ---- the primordials, by the package's names ----

// lint: snapshot time

function makePrimordials() {
    const p = { __proto__: null, Proxy, globalThis: globalObject, uncurryThis };
    ReflectOwnKeys(constructors).forEach((name) => {
        p[name] = constructors[name];
        p[`${name}Prototype`] = constructors[name].prototype;
        (methods[name] ?? "").split(" ").filter((m) => m !== "").forEach((m) => {
            p[`${name}Prototype${capital(m)}`] = uncurryThis(constructors[name].prototype[m]);
        });
    });
    statics.forEach((entry) => {
        entry[2].split(" ").forEach((m) => {
            p[entry[0] + capital(m)] = entry[1][m];
        });
    });
    const { push } = Array.prototype;
    p.ArrayPrototypePushApply = (array, items) => ReflectApply(push, array, items);
    p.ErrorCaptureStackTrace = ErrorCaptureStackTrace;
    p.ErrorIsError = types.isNativeError;
    p.FunctionPrototypeSymbolHasInstance = uncurryThis(Function.prototype[Symbol.hasInstance]);
    p.MapPrototypeGetSize = getterOf(Map.prototype, "size");
    p.RegExpPrototypeSymbolReplace = uncurryThis(RegExp.prototype[Symbol.replace]);
    p.RegExpPrototypeSymbolSplit = uncurryThis(RegExp.prototype[Symbol.split]);
    p.SetPrototypeGetSize = getterOf(Set.prototype, "size");
    p.TypedArrayPrototypeGetLength = getterOf(TypedArrayPrototype, "length");
    p.TypedArrayPrototypeGetSymbolToStringTag = getterOf(TypedArrayPrototype, SymbolToStringTag);
    p.SafeMap = makeSafe(Map);
    p.SafeSet = makeSafe(Set);
    p.SafeWeakMap = makeSafe(WeakMap);
    p.SafeStringIterator = SafeStringIterator;
    p.internalBinding = () => ({ hasIntl: false });
    return p;
}

const primordials = makePrimordials();

// lint: worker time

// ---- the engine ----

const ONLY_ENUMERABLE = 2;
const PENDING = 0;
const REJECTED = 2;
const arrayIndex = /^(?:0|[1-9][0-9]{0,9})$/;

function promiseDetails(value) {
    try {
        return ops.promiseDetails(value);
    } catch {
        return undefined;
    }
}

function nonIndexKeys(object, filter) {
    const keys = ReflectOwnKeys(object);
    const found = newList();
    for (let i = 0; i < keys.length; i++) {
        const key = keys[i];
        if (typeof key === "string" && RegExpPrototypeExec(arrayIndex, key) !== null) {
            continue;
        }
        const d = filter === ONLY_ENUMERABLE ? ObjectGetOwnPropertyDescriptor(object, key) : undefined;
        if (filter !== ONLY_ENUMERABLE || d?.enumerable) {
            listPush(found, key);
        }
    }
    return listToArray(found);
}

const binding = {
    __proto__: null,
    Proxy,
    constants: {
        __proto__: null,
        ALL_PROPERTIES: 0,
        ONLY_ENUMERABLE,
        kPending: PENDING,
        kRejected: REJECTED,
    },
    getConstructorName: (object) => ops.constructorName(object),
    getExternalValue: () => 0n,
    getOwnNonIndexProperties: nonIndexKeys,
    getPromiseDetails: (promise) => promiseDetails(promise) ?? [PENDING, undefined],
    getProxyDetails(value, both = true) {
        const details = ops.proxyDetails(value);
        return details === undefined || both ? details : details[0];
    },
    // Of an iterator: [entries, are they pairs]; of a weak collection: the entries alone.
    previewEntries(object, isIterator) {
        const preview = ops.previewEntries(object);
        if (isIterator) {
            return preview ?? [[], false];
        }
        return preview === undefined ? [] : preview[0];
    },
};

const overrides = { __proto__: null, 499: types, 683: primordials, 727: binding };
let loaded;

// The package is evaluated when something is first to be shown that is not a plain word or number: that
// takes 300 KB, which most workers never need. What it captures of the built-ins was captured above.
export function inspector() {
    loaded ??= loadInspect(overrides);
    return loaded;
}
