// SPDX-License-Identifier: MIT
// Conversions of Web IDL: what an argument becomes before an algorithm sees it. Each may run guest code
// (valueOf, getters, iterators), so callers convert everything first and act afterwards.
import {
    NumberIsFinite, MathTrunc, ObjectPrototypeHasOwnProperty, RangeError, ReflectApply,
    RegExpPrototypeExec, StringPrototypeCharCodeAt, StringFromCharCode, StringPrototypeSlice,
    SymbolIterator, TypeError, isObject, listPush, newList,
} from "./00_primordials.js";

export function requireArguments(given, wanted, what) {
    if (given < wanted) {
        throw new TypeError(
            `${what}: ${wanted} argument${wanted === 1 ? "" : "s"} required, but only ${given} present`,
        );
    }
}

export function illegalInvocation() {
    return new TypeError("Illegal invocation");
}

export function illegalConstructor() {
    return new TypeError("Illegal constructor");
}

export function toDOMString(value) {
    // A template converts as ToString does, and refuses symbols.
    return typeof value === "string" ? value : `${value}`;
}

const loneSurrogate = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/;

export function toUSVString(value) {
    const s = toDOMString(value);
    if (RegExpPrototypeExec(loneSurrogate, s) === null) {
        return s;
    }
    let out = "";
    let from = 0;
    for (let i = 0; i < s.length; i++) {
        const c = StringPrototypeCharCodeAt(s, i);
        if (c < 0xd800 || c > 0xdfff) {
            continue;
        }
        const next = i + 1 < s.length ? StringPrototypeCharCodeAt(s, i + 1) : 0;
        if (c < 0xdc00 && next >= 0xdc00 && next <= 0xdfff) {
            i++;
            continue;
        }
        out += StringPrototypeSlice(s, from, i) + StringFromCharCode(0xfffd);
        from = i + 1;
    }
    return out + StringPrototypeSlice(s, from);
}

export function toUnsignedLongLongEnforced(value, what) {
    const n = MathTrunc(+value);
    if (!NumberIsFinite(n) || n < 0 || n > 9007199254740991) {
        throw new TypeError(`${what} is outside of the accepted range`);
    }
    return n;
}

// The value as a dictionary, or null for "none given".
export function toDictionary(value, what) {
    if (value === undefined || value === null) {
        return null;
    }
    if (!isObject(value)) {
        throw new TypeError(`${what} is not an object`);
    }
    return value;
}

export function toCallback(value, what) {
    if (typeof value !== "function") {
        throw new TypeError(`${what} is not a function`);
    }
    return value;
}

// `values` is a null-prototype object with the members of the enumeration as keys.
export function toEnum(value, values, what) {
    const s = toDOMString(value);
    if (!ObjectPrototypeHasOwnProperty(values, s)) {
        throw new TypeError(`${what}: "${s}" is not one of its values`);
    }
    return s;
}

// A sequence from an iterable whose @@iterator method was already read. The protocol is walked by hand,
// because the guest's iterator is what the standard wants called, and nothing else of the guest's.
export function toSequence(iterable, method, what, convert) {
    if (typeof method !== "function") {
        throw new TypeError(`${what} is not iterable`);
    }
    const iterator = ReflectApply(method, iterable, []);
    if (!isObject(iterator)) {
        throw new TypeError(`${what}: its iterator is not an object`);
    }
    const next = iterator.next;
    const list = newList();
    for (;;) {
        const step = ReflectApply(next, iterator, []);
        if (!isObject(step)) {
            throw new TypeError(`${what}: its iterator gave a result that is not an object`);
        }
        if (step.done) {
            return list;
        }
        // As V8 does for arrays, before memory is gone.
        if (list.length >= 1 << 24) {
            throw new RangeError(`${what} is too long`);
        }
        listPush(list, convert(step.value));
    }
}

export function toObjectElement(value) {
    if (!isObject(value)) {
        throw new TypeError("The sequence has an element that is not an object");
    }
    return value;
}

function noneIfEmpty(list) {
    return list.length === 0 ? undefined : list;
}

// The second parameter of postMessage and structuredClone's option: a list to transfer, or undefined.
// `allowSequence`: postMessage also takes the sequence itself.
export function toTransferList(value, allowSequence, what) {
    if (value === undefined || value === null) {
        return undefined;
    }
    if (!isObject(value)) {
        throw new TypeError(`${what} is not an object`);
    }
    if (allowSequence) {
        const method = value[SymbolIterator];
        if (method !== undefined && method !== null) {
            return noneIfEmpty(toSequence(value, method, what, toObjectElement));
        }
    }
    const transfer = value.transfer;
    if (transfer === undefined) {
        return undefined;
    }
    if (!isObject(transfer)) {
        throw new TypeError(`${what}: transfer is not an object`);
    }
    const method = transfer[SymbolIterator];
    return noneIfEmpty(toSequence(transfer, method, `${what}: transfer`, toObjectElement));
}
