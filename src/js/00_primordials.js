// SPDX-License-Identifier: MIT
// The built-ins as they were before any guest code ran. The glue calls nothing else: whatever a guest
// puts on Array.prototype, Promise.prototype or Symbol.iterator later is not seen here.
//
// This file runs once, when the start-up snapshot is made. FooPrototypeBar(x, a) is x.bar(a).

export const globalObject = globalThis;

export const {
    Array, ArrayBuffer, BigInt, Boolean, DataView, Date, Error, FinalizationRegistry, Function, JSON, Map,
    Math, Number, Object, Promise, Proxy, RangeError, ReferenceError, Reflect, RegExp, Set, String, Symbol,
    SyntaxError, TypeError, Uint8Array, WeakMap, WeakRef, WeakSet,
} = globalThis;
export const { Infinity } = globalThis;

const { bind, call } = Function.prototype;
export const uncurryThis = bind.bind(call);

export const {
    apply: ReflectApply,
    construct: ReflectConstruct,
    deleteProperty: ReflectDeleteProperty,
    ownKeys: ReflectOwnKeys,
} = Reflect;
export const {
    assign: ObjectAssign,
    create: ObjectCreate,
    defineProperty: ObjectDefineProperty,
    freeze: ObjectFreeze,
    getOwnPropertyDescriptor: ObjectGetOwnPropertyDescriptor,
    getOwnPropertyNames: ObjectGetOwnPropertyNames,
    getOwnPropertySymbols: ObjectGetOwnPropertySymbols,
    getPrototypeOf: ObjectGetPrototypeOf,
    keys: ObjectKeys,
    setPrototypeOf: ObjectSetPrototypeOf,
} = Object;
export const ArrayIsArray = Array.isArray;
export const NumberIsFinite = Number.isFinite;
export const NumberIsInteger = Number.isInteger;
export const {
    floor: MathFloor, max: MathMax, min: MathMin, random: MathRandom, trunc: MathTrunc,
} = Math;
export const ErrorCaptureStackTrace = Error.captureStackTrace;
export const StringFromCharCode = String.fromCharCode;
export const {
    iterator: SymbolIterator,
    toStringTag: SymbolToStringTag,
} = Symbol;
export const SymbolFor = Symbol.for;

export const ArrayPrototype = Array.prototype;
export const ArrayPrototypeSlice = uncurryThis(ArrayPrototype.slice);
export const ArrayPrototypeJoin = uncurryThis(ArrayPrototype.join);
export const ArrayPrototypeSort = uncurryThis(ArrayPrototype.sort);
export const ErrorPrototype = Error.prototype;
export const FunctionPrototypeToString = uncurryThis(Function.prototype.toString);
export const NumberPrototypeToString = uncurryThis(Number.prototype.toString);
export const ObjectPrototype = Object.prototype;
export const ObjectPrototypeHasOwnProperty = uncurryThis(ObjectPrototype.hasOwnProperty);
export const ObjectPrototypeToString = uncurryThis(ObjectPrototype.toString);
export const RegExpPrototypeExec = uncurryThis(RegExp.prototype.exec);
export const StringPrototypeCharCodeAt = uncurryThis(String.prototype.charCodeAt);
export const StringPrototypeIndexOf = uncurryThis(String.prototype.indexOf);
export const StringPrototypeRepeat = uncurryThis(String.prototype.repeat);
export const StringPrototypeSlice = uncurryThis(String.prototype.slice);
export const StringPrototypeToLowerCase = uncurryThis(String.prototype.toLowerCase);
export const StringPrototypeToUpperCase = uncurryThis(String.prototype.toUpperCase);
export const StringPrototypeStartsWith = uncurryThis(String.prototype.startsWith);

const MapPrototype = Map.prototype;
export const MapPrototypeDelete = uncurryThis(MapPrototype.delete);
export const MapPrototypeGet = uncurryThis(MapPrototype.get);
export const MapPrototypeHas = uncurryThis(MapPrototype.has);
export const MapPrototypeSet = uncurryThis(MapPrototype.set);
export const SetPrototypeAdd = uncurryThis(Set.prototype.add);
export const SetPrototypeDelete = uncurryThis(Set.prototype.delete);
export const WeakRefPrototypeDeref = uncurryThis(WeakRef.prototype.deref);
export const FinalizationRegistryPrototypeRegister = uncurryThis(FinalizationRegistry.prototype.register);
export const FinalizationRegistryPrototypeUnregister =
    uncurryThis(FinalizationRegistry.prototype.unregister);
export const PromisePrototypeThen = uncurryThis(Promise.prototype.then);
export const { parse: JSONParse, stringify: JSONStringify } = JSON;

// Buffers and views. Their attributes are getters of prototypes that a guest can replace.
const getterOf = (prototype, key) => uncurryThis(ObjectGetOwnPropertyDescriptor(prototype, key).get);
const TypedArrayPrototype = ObjectGetPrototypeOf(Uint8Array.prototype);
export const ArrayBufferIsView = ArrayBuffer.isView;
export const ArrayBufferPrototypeGetByteLength = getterOf(ArrayBuffer.prototype, "byteLength");
export const DataViewPrototypeGetBuffer = getterOf(DataView.prototype, "buffer");
export const DataViewPrototypeGetByteLength = getterOf(DataView.prototype, "byteLength");
export const DataViewPrototypeGetByteOffset = getterOf(DataView.prototype, "byteOffset");
export const TypedArrayPrototypeGetBuffer = getterOf(TypedArrayPrototype, "buffer");
export const TypedArrayPrototypeGetByteLength = getterOf(TypedArrayPrototype, "byteLength");
export const TypedArrayPrototypeGetByteOffset = getterOf(TypedArrayPrototype, "byteOffset");
export const TypedArrayPrototypeGetTag = getterOf(TypedArrayPrototype, SymbolToStringTag);
export const TypedArrayPrototypeSet = uncurryThis(TypedArrayPrototype.set);

// Lists. An element written to an ordinary array beyond its end consults Array.prototype, where a guest
// may have put setters; an array without a prototype has nobody to ask.

export function newList() {
    return ObjectSetPrototypeOf([], null);
}

export function listPush(list, item) {
    list[list.length] = item;
}

export function listCopy(list) {
    const copy = newList();
    for (let i = 0; i < list.length; i++) {
        copy[i] = list[i];
    }
    return copy;
}

export function listRemoveAt(list, index) {
    for (let i = index + 1; i < list.length; i++) {
        list[i - 1] = list[i];
    }
    list.length--;
}

// An ordinary array for the guest (or a built-in) from a list.
export function listToArray(list) {
    const array = [];
    for (let i = 0; i < list.length; i++) {
        ObjectDefineProperty(array, i, {
            __proto__: null,
            value: list[i],
            writable: true,
            enumerable: true,
            configurable: true,
        });
    }
    return array;
}

export function isObject(value) {
    return typeof value === "object" ? value !== null : typeof value === "function";
}
