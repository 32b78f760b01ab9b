// SPDX-License-Identifier: MIT
// URLSearchParams (URL standard): a list of pairs, and the urlencoded format in both directions.
import {
    ArrayPrototypeSort, ObjectDefineProperty, ObjectGetOwnPropertyDescriptor, ReflectApply, ReflectOwnKeys,
    StringFromCharCode, StringPrototypeCharCodeAt, StringPrototypeIndexOf, StringPrototypeSlice,
    SymbolIterator, TypeError, isObject, listPush, listRemoveAt, listToArray, newList,
} from "./00_primordials.js";
import {
    illegalInvocation, requireArguments, toCallback, toSequence, toUSVString,
} from "./10_webidl.js";
import { KIND_OTHER, defineInterface, newBrand, newHostObject } from "./11_interface.js";
import { ENTRIES, KEYS, VALUES, definePairIterator } from "./16_pair_iterator.js";

// state: { pairs: list of { name, value }, changed: (query) => void, or null when no URL is behind }

const brand = newBrand();

function stateOf(object) {
    const state = brand.state(object);
    if (state === undefined) {
        throw illegalInvocation();
    }
    return state;
}

const newIterator = definePairIterator("URLSearchParams", (state) => state.pairs);

// ---- the urlencoded format ----

const HEX = "0123456789ABCDEF";
const REPLACEMENT = "\ufffd";

function hexDigit(c) {
    if (c >= 0x30 && c <= 0x39) {
        return c - 0x30;
    }
    const lower = c | 0x20;
    return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1;
}

function byteEscape(b) {
    return `%${HEX[b >> 4]}${HEX[b & 15]}`;
}

// Safe without an escape: * - . _ and ASCII letters and digits.
function isPlain(c) {
    return (c >= 0x61 && c <= 0x7a) || (c >= 0x40 && c <= 0x5a && c !== 0x40) ||
        (c >= 0x30 && c <= 0x39) || c === 0x2a || c === 0x2d || c === 0x2e || c === 0x5f;
}

function codePointAt(s, i) {
    const c = StringPrototypeCharCodeAt(s, i);
    if (c < 0xd800 || c > 0xdbff || i + 1 >= s.length) {
        return c;
    }
    return 0x10000 + ((c - 0xd800) << 10) + (StringPrototypeCharCodeAt(s, i + 1) - 0xdc00);
}

function escapeCodePoint(c) {
    if (c < 0x80) {
        return byteEscape(c);
    }
    const last = byteEscape(0x80 | (c & 0x3f));
    if (c < 0x800) {
        return byteEscape(0xc0 | (c >> 6)) + last;
    }
    const third = byteEscape(0x80 | ((c >> 6) & 0x3f)) + last;
    if (c < 0x10000) {
        return byteEscape(0xe0 | (c >> 12)) + third;
    }
    return byteEscape(0xf0 | (c >> 18)) + byteEscape(0x80 | ((c >> 12) & 0x3f)) + third;
}

// `s` has no lone surrogates.
function encode(s) {
    let out = "";
    for (let i = 0; i < s.length; i++) {
        const c = codePointAt(s, i);
        if (isPlain(c)) {
            out += s[i];
        } else if (c === 0x20) {
            out += "+";
        } else {
            out += escapeCodePoint(c);
            i += c > 0xffff ? 1 : 0;
        }
    }
    return out;
}

// UTF-8 by the Encoding standard: each maximal part that is not becomes one U+FFFD. Characters of the
// text above U+007F are themselves already; only escapes give bytes.
function decodeBytes(bytes) {
    let out = "";
    let i = 0;
    while (i < bytes.length) {
        const b = bytes[i++];
        if (b < 0x80) {
            out += StringFromCharCode(b);
            continue;
        }
        let need = b >= 0xc2 && b <= 0xdf ? 1 : b >= 0xe0 && b <= 0xef ? 2 : b >= 0xf0 && b <= 0xf4 ? 3 : 0;
        if (need === 0) {
            out += REPLACEMENT;
            continue;
        }
        let low = b === 0xe0 ? 0xa0 : b === 0xf0 ? 0x90 : 0x80;
        let high = b === 0xed ? 0x9f : b === 0xf4 ? 0x8f : 0xbf;
        let c = b & (0x3f >> need);
        while (need > 0 && i < bytes.length && bytes[i] >= low && bytes[i] <= high) {
            c = (c << 6) | (bytes[i++] & 0x3f);
            need--;
            low = 0x80;
            high = 0xbf;
        }
        if (need > 0) {
            out += REPLACEMENT;
        } else if (c < 0x10000) {
            out += StringFromCharCode(c);
        } else {
            c -= 0x10000;
            out += StringFromCharCode(0xd800 + (c >> 10), 0xdc00 + (c & 0x3ff));
        }
    }
    return out;
}

function decode(s) {
    let out = "";
    let bytes = newList();
    for (let i = 0; i < s.length; i++) {
        const c = StringPrototypeCharCodeAt(s, i);
        if (c === 0x25 && i + 2 < s.length) {
            const high = hexDigit(StringPrototypeCharCodeAt(s, i + 1));
            const low = hexDigit(StringPrototypeCharCodeAt(s, i + 2));
            if (high >= 0 && low >= 0) {
                listPush(bytes, high * 16 + low);
                i += 2;
                continue;
            }
        }
        if (bytes.length > 0) {
            out += decodeBytes(bytes);
            bytes = newList();
        }
        out += c === 0x2b ? " " : s[i];
    }
    return out + decodeBytes(bytes);
}

function parse(text) {
    const pairs = newList();
    let from = 0;
    while (from <= text.length) {
        let end = StringPrototypeIndexOf(text, "&", from);
        end = end < 0 ? text.length : end;
        if (end > from) {
            const part = StringPrototypeSlice(text, from, end);
            const eq = StringPrototypeIndexOf(part, "=");
            listPush(pairs, {
                name: decode(eq < 0 ? part : StringPrototypeSlice(part, 0, eq)),
                value: eq < 0 ? "" : decode(StringPrototypeSlice(part, eq + 1)),
            });
        }
        from = end + 1;
    }
    return pairs;
}

function serialize(pairs) {
    let out = "";
    for (let i = 0; i < pairs.length; i++) {
        out += `${i > 0 ? "&" : ""}${encode(pairs[i].name)}=${encode(pairs[i].value)}`;
    }
    return out;
}

function withoutQuestionMark(s) {
    return s[0] === "?" ? StringPrototypeSlice(s, 1) : s;
}

// ---- construction ----

function toPair(value) {
    if (!isObject(value)) {
        throw new TypeError("URLSearchParams: a pair is not iterable");
    }
    const pair = toSequence(value, value[SymbolIterator], "URLSearchParams: a pair", toUSVString);
    if (pair.length !== 2) {
        throw new TypeError("URLSearchParams: a pair does not have two elements");
    }
    return { name: pair[0], value: pair[1] };
}

function fromRecord(record) {
    const pairs = newList();
    const keys = ReflectOwnKeys(record);
    for (let i = 0; i < keys.length; i++) {
        const descriptor = ObjectGetOwnPropertyDescriptor(record, keys[i]);
        if (descriptor === undefined || !descriptor.enumerable) {
            continue;
        }
        const name = toUSVString(keys[i]);
        listPush(pairs, { name, value: toUSVString(record[keys[i]]) });
    }
    return pairs;
}

function fromInit(init) {
    if (!isObject(init)) {
        return parse(withoutQuestionMark(toUSVString(init)));
    }
    const method = init[SymbolIterator];
    if (method === undefined || method === null) {
        return fromRecord(init);
    }
    return toSequence(init, method, "URLSearchParams", toPair);
}

function notify(state) {
    if (state.changed !== null) {
        state.changed(serialize(state.pairs));
    }
}

function removeWhere(pairs, name, value, from) {
    for (let i = pairs.length - 1; i >= from; i--) {
        if (pairs[i].name === name && (value === undefined || pairs[i].value === value)) {
            listRemoveAt(pairs, i);
        }
    }
}

function find(pairs, name) {
    for (let i = 0; i < pairs.length; i++) {
        if (pairs[i].name === name) {
            return i;
        }
    }
    return -1;
}

function byName(a, b) {
    return a.name < b.name ? -1 : a.name > b.name ? 1 : 0;
}

export class URLSearchParams {
    constructor(init = "") {
        const pairs = fromInit(init);
        const object = newHostObject(KIND_OTHER, 0, new.target.prototype);
        return brand.stamp(object, { pairs, changed: null });
    }
    get size() {
        return stateOf(this).pairs.length;
    }
    append(name, value) {
        const state = stateOf(this);
        requireArguments(arguments.length, 2, "URLSearchParams.append");
        listPush(state.pairs, { name: toUSVString(name), value: toUSVString(value) });
        notify(state);
    }
    delete(name, value = undefined) {
        const state = stateOf(this);
        requireArguments(arguments.length, 1, "URLSearchParams.delete");
        const wanted = toUSVString(name);
        removeWhere(state.pairs, wanted, value === undefined ? undefined : toUSVString(value), 0);
        notify(state);
    }
    get(name) {
        const { pairs } = stateOf(this);
        requireArguments(arguments.length, 1, "URLSearchParams.get");
        const at = find(pairs, toUSVString(name));
        return at < 0 ? null : pairs[at].value;
    }
    getAll(name) {
        const { pairs } = stateOf(this);
        requireArguments(arguments.length, 1, "URLSearchParams.getAll");
        const wanted = toUSVString(name);
        const found = newList();
        for (let i = 0; i < pairs.length; i++) {
            if (pairs[i].name === wanted) {
                listPush(found, pairs[i].value);
            }
        }
        return listToArray(found);
    }
    has(name, value = undefined) {
        const { pairs } = stateOf(this);
        requireArguments(arguments.length, 1, "URLSearchParams.has");
        const wanted = toUSVString(name);
        const text = value === undefined ? undefined : toUSVString(value);
        for (let i = 0; i < pairs.length; i++) {
            if (pairs[i].name === wanted && (text === undefined || pairs[i].value === text)) {
                return true;
            }
        }
        return false;
    }
    set(name, value) {
        const state = stateOf(this);
        requireArguments(arguments.length, 2, "URLSearchParams.set");
        const pair = { name: toUSVString(name), value: toUSVString(value) };
        const at = find(state.pairs, pair.name);
        if (at < 0) {
            listPush(state.pairs, pair);
        } else {
            state.pairs[at] = pair;
            removeWhere(state.pairs, pair.name, undefined, at + 1);
        }
        notify(state);
    }
    sort() {
        const state = stateOf(this);
        // A stable sort by code units, as the standard wants.
        ArrayPrototypeSort(state.pairs, byName);
        notify(state);
    }
    forEach(callback, thisArg = undefined) {
        const state = stateOf(this);
        requireArguments(arguments.length, 1, "URLSearchParams.forEach");
        toCallback(callback, "URLSearchParams.forEach: the argument");
        for (let i = 0; i < state.pairs.length; i++) {
            const { name, value } = state.pairs[i];
            ReflectApply(callback, thisArg, [value, name, this]);
        }
    }
    entries() {
        return newIterator(stateOf(this), ENTRIES);
    }
    keys() {
        return newIterator(stateOf(this), KEYS);
    }
    values() {
        return newIterator(stateOf(this), VALUES);
    }
    toString() {
        return serialize(stateOf(this).pairs);
    }
}
defineInterface("URLSearchParams", URLSearchParams);
const ParamsPrototype = URLSearchParams.prototype;
ObjectDefineProperty(ParamsPrototype, SymbolIterator, {
    __proto__: null,
    value: ParamsPrototype.entries,
    writable: true,
    configurable: true,
});

// ---- the params of a URL ----

export function newBoundParams(search, changed) {
    const object = newHostObject(KIND_OTHER, 0, ParamsPrototype);
    return brand.stamp(object, { pairs: parse(withoutQuestionMark(search)), changed });
}

// The URL's query changed otherwise.
export function bindParams(params, search) {
    stateOf(params).pairs = parse(withoutQuestionMark(search));
}

// ---- for the rest of the glue ----

export function isUrlSearchParams(value) {
    return brand.state(value) !== undefined;
}

export function paramsText(params) {
    return serialize(stateOf(params).pairs);
}
