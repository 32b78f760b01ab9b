// SPDX-License-Identifier: MIT
// Headers (Fetch standard).
//
// state: { list: of { name, key, value } (key: the name in lower case), or null while all is still in `text`:
// lines "name:value\n" as C gave them, names in lower case; guard; sorted: what iteration sees, null when the
// list has changed since }
import {
    ArrayPrototypeSort, ObjectDefineProperty, ObjectGetOwnPropertyDescriptor, ReflectApply, ReflectOwnKeys,
    RegExpPrototypeExec, StringPrototypeCharCodeAt, StringPrototypeIndexOf, StringPrototypeSlice,
    StringPrototypeToLowerCase, SymbolIterator, TypeError, isObject, listCopy, listPush, listToArray,
    newList,
} from "./00_primordials.js";
import {
    illegalInvocation, requireArguments, toCallback, toDOMString, toSequence,
} from "./10_webidl.js";
import { KIND_OTHER, defineInterface, newBrand, newHostObject } from "./11_interface.js";
import { ENTRIES, KEYS, VALUES, definePairIterator } from "./16_pair_iterator.js";

export const GUARD_NONE = 0;
export const GUARD_REQUEST = 1;
export const GUARD_RESPONSE = 2;
export const GUARD_IMMUTABLE = 3;

// Fields of the connection, which the transport writes: a request that could set them could make a proxy or
// server see another request than we sent. C refuses them too.
const transportFields = {
    __proto__: null,
    connection: true,
    "content-length": true,
    expect: true,
    host: true,
    "http2-settings": true,
    "keep-alive": true,
    "proxy-connection": true,
    te: true,
    trailer: true,
    "transfer-encoding": true,
    upgrade: true,
};

const brand = newBrand();

function stateOf(object) {
    const state = brand.state(object);
    if (state === undefined) {
        throw illegalInvocation();
    }
    return state;
}

// ---- names and values ----

const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const notBytes = /[^\x00-\xff]/;
const notInValue = /[\0\r\n]/;

export function isToken(text) {
    return RegExpPrototypeExec(token, text) !== null;
}

export function toByteString(value, what) {
    const s = toDOMString(value);
    if (RegExpPrototypeExec(notBytes, s) !== null) {
        throw new TypeError(`${what} has a character that is no byte`);
    }
    return s;
}

function isSpace(c) {
    return c === 0x20 || c === 0x09 || c === 0x0a || c === 0x0d;
}

// Without white space at both ends.
function normalized(value) {
    let from = 0;
    let to = value.length;
    while (from < to && isSpace(StringPrototypeCharCodeAt(value, from))) {
        from++;
    }
    while (to > from && isSpace(StringPrototypeCharCodeAt(value, to - 1))) {
        to--;
    }
    return from === 0 && to === value.length ? value : StringPrototypeSlice(value, from, to);
}

function shown(name) {
    return name.length > 80 ? `${StringPrototypeSlice(name, 0, 80)}...` : name;
}

function keyOf(name, what) {
    if (!isToken(name)) {
        throw new TypeError(`${what}: "${shown(name)}" is not the name of a header`);
    }
    return StringPrototypeToLowerCase(name);
}

function checkedValue(value, what, name) {
    const v = normalized(value);
    if (RegExpPrototypeExec(notInValue, v) !== null) {
        throw new TypeError(`${what}: the value of "${shown(name)}" has a line break or a NUL`);
    }
    return v;
}

function checkGuard(guard, key, what) {
    if (guard === GUARD_IMMUTABLE) {
        throw new TypeError(`${what}: these headers cannot be changed`);
    }
    if (guard === GUARD_REQUEST && transportFields[key] === true) {
        throw new TypeError(`${what}: "${key}" is set by the transport, a request cannot set it`);
    }
}

// ---- lists ----

export function newHeaderState(guard) {
    return { __proto__: null, list: newList(), text: "", guard, sorted: null };
}

// As C gave them; taken apart when somebody looks.
export function headerStateOfText(text, guard) {
    return { __proto__: null, list: null, text, guard, sorted: null };
}

function parse(text) {
    const list = newList();
    let from = 0;
    while (from < text.length) {
        const colon = StringPrototypeIndexOf(text, ":", from);
        const end = StringPrototypeIndexOf(text, "\n", colon);
        const key = StringPrototypeSlice(text, from, colon);
        listPush(list, { name: key, key, value: StringPrototypeSlice(text, colon + 1, end) });
        from = end + 1;
    }
    return list;
}

function listOf(state) {
    if (state.list === null) {
        state.list = parse(state.text);
        state.text = "";
    }
    return state.list;
}

// For C: "name:value\n" lines.
export function headerText(state) {
    if (state.list === null) {
        return state.text;
    }
    const { list } = state;
    let text = "";
    for (let i = 0; i < list.length; i++) {
        text += `${list[i].name}:${list[i].value}\n`;
    }
    return text;
}

// The values of one name combined, or null. `key` is in lower case.
export function headerValue(state, key) {
    const list = listOf(state);
    let found = null;
    for (let i = 0; i < list.length; i++) {
        if (list[i].key === key) {
            found = found === null ? list[i].value : `${found}, ${list[i].value}`;
        }
    }
    return found;
}

// Without checks: for the glue's own.
export function addHeader(state, name, value) {
    listPush(listOf(state), { name, key: StringPrototypeToLowerCase(name), value });
    state.sorted = null;
}

export function copyHeaderState(state, guard) {
    const copy = newHeaderState(guard);
    const list = listOf(state);
    for (let i = 0; i < list.length; i++) {
        listPush(copy.list, list[i]); // the entries never change
    }
    return copy;
}

function appendChecked(state, name, value, what) {
    const v = normalized(value);
    const key = keyOf(name, what);
    checkedValue(v, what, name);
    checkGuard(state.guard, key, what);
    const list = listOf(state);
    // A further value keeps the spelling of the first.
    let spelled = name;
    for (let i = 0; i < list.length; i++) {
        if (list[i].key === key) {
            spelled = list[i].name;
            break;
        }
    }
    listPush(list, { name: spelled, key, value: v });
    state.sorted = null;
}

function setChecked(state, name, value, what) {
    const key = keyOf(name, what);
    const v = checkedValue(value, what, name);
    checkGuard(state.guard, key, what);
    const list = listOf(state);
    const rest = newList();
    let done = false;
    for (let i = 0; i < list.length; i++) {
        if (list[i].key !== key) {
            listPush(rest, list[i]);
        } else if (!done) {
            listPush(rest, { name: list[i].name, key, value: v });
            done = true;
        }
    }
    if (!done) {
        listPush(rest, { name, key, value: v });
    }
    state.list = rest;
    state.sorted = null;
}

function removeKey(state, key) {
    const list = listOf(state);
    const rest = newList();
    for (let i = 0; i < list.length; i++) {
        if (list[i].key !== key) {
            listPush(rest, list[i]);
        }
    }
    state.list = rest;
    state.sorted = null;
}

// ---- HeadersInit ----

function toPair(value) {
    if (!isObject(value)) {
        throw new TypeError("Headers: a pair is not iterable");
    }
    const pair = toSequence(value, value[SymbolIterator], "Headers: a pair", (item) =>
        toByteString(item, "Headers: a pair"));
    if (pair.length !== 2) {
        throw new TypeError("Headers: a pair does not have two elements");
    }
    return { name: pair[0], value: pair[1] };
}

function fromRecord(record) {
    const pairs = newList();
    const keys = ReflectOwnKeys(record);
    for (let i = 0; i < keys.length; i++) {
        const descriptor = ObjectGetOwnPropertyDescriptor(record, keys[i]);
        if (descriptor !== undefined && descriptor.enumerable) {
            const name = toByteString(keys[i], "Headers: a name");
            const value = toByteString(record[keys[i]], `Headers: the value of "${shown(name)}"`);
            listPush(pairs, { name, value });
        }
    }
    return pairs;
}

// A HeadersInit as a list of { name, value }; nothing is checked but that they are bytes.
export function toHeaderPairs(init, what) {
    if (!isObject(init)) {
        throw new TypeError(`${what} is not an object`);
    }
    const state = brand.state(init);
    if (state !== undefined) {
        return listCopy(listOf(state));
    }
    const method = init[SymbolIterator];
    return method === undefined || method === null
        ? fromRecord(init)
        : toSequence(init, method, what, toPair);
}

export function fillHeaders(state, pairs, what) {
    for (let i = 0; i < pairs.length; i++) {
        appendChecked(state, pairs[i].name, pairs[i].value, what);
    }
}

// ---- the interface ----

export function newHeaders(state) {
    return brand.stamp(newHostObject(KIND_OTHER, 0, HeadersPrototype), state);
}

export class Headers {
    constructor(init = undefined) {
        const state = newHeaderState(GUARD_NONE);
        if (init !== undefined) {
            fillHeaders(state, toHeaderPairs(init, "Headers: the argument"), "Headers");
        }
        return brand.stamp(newHostObject(KIND_OTHER, 0, new.target.prototype), state);
    }
    append(name, value) {
        const state = stateOf(this);
        requireArguments(arguments.length, 2, "Headers.append");
        const n = toByteString(name, "Headers.append: the name");
        appendChecked(state, n, toByteString(value, "Headers.append: the value"), "Headers.append");
    }
    delete(name) {
        const state = stateOf(this);
        requireArguments(arguments.length, 1, "Headers.delete");
        const key = keyOf(toByteString(name, "Headers.delete: the name"), "Headers.delete");
        checkGuard(state.guard, key, "Headers.delete");
        removeKey(state, key);
    }
    get(name) {
        const state = stateOf(this);
        requireArguments(arguments.length, 1, "Headers.get");
        return headerValue(state, keyOf(toByteString(name, "Headers.get: the name"), "Headers.get"));
    }
    getSetCookie() {
        const list = listOf(stateOf(this));
        const found = newList();
        for (let i = 0; i < list.length; i++) {
            if (list[i].key === "set-cookie") {
                listPush(found, list[i].value);
            }
        }
        return listToArray(found);
    }
    has(name) {
        const state = stateOf(this);
        requireArguments(arguments.length, 1, "Headers.has");
        return headerValue(state, keyOf(toByteString(name, "Headers.has: the name"), "Headers.has")) !== null;
    }
    set(name, value) {
        const state = stateOf(this);
        requireArguments(arguments.length, 2, "Headers.set");
        const n = toByteString(name, "Headers.set: the name");
        setChecked(state, n, toByteString(value, "Headers.set: the value"), "Headers.set");
    }
    forEach(callback, thisArg = undefined) {
        const state = stateOf(this);
        requireArguments(arguments.length, 1, "Headers.forEach");
        toCallback(callback, "Headers.forEach: the argument");
        for (let i = 0; i < sortedOf(state).length; i++) {
            const { name, value } = sortedOf(state)[i];
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
}
defineInterface("Headers", Headers);
const HeadersPrototype = Headers.prototype;
ObjectDefineProperty(HeadersPrototype, SymbolIterator, {
    __proto__: null,
    value: HeadersPrototype.entries,
    writable: true,
    configurable: true,
});

// ---- iteration ----

function byKey(a, b) {
    return a.key < b.key ? -1 : a.key > b.key ? 1 : 0;
}

// "Sort and combine": one entry for a name, but each Set-Cookie by itself.
function combine(list) {
    const sorted = newList();
    for (let i = 0; i < list.length; i++) {
        listPush(sorted, list[i]);
    }
    ArrayPrototypeSort(sorted, byKey); // stable
    const out = newList();
    for (let i = 0; i < sorted.length; i++) {
        const { key, value } = sorted[i];
        const last = out.length - 1;
        if (last >= 0 && out[last].name === key && key !== "set-cookie") {
            out[last].value = `${out[last].value}, ${value}`;
        } else {
            listPush(out, { name: key, value });
        }
    }
    return out;
}

function sortedOf(state) {
    state.sorted ??= combine(listOf(state));
    return state.sorted;
}

const newIterator = definePairIterator("Headers", sortedOf);
