// SPDX-License-Identifier: MIT
// Blob (File API), and the blob: URLs of this worker.
//
// state of a blob: { parts: list of Uint8Arrays that never change, size, type }. A blob: URL is known to the
// worker that made it and to no other.
import {
    Map, MapPrototypeDelete, MapPrototypeGet, MapPrototypeSet, MathFloor, MathMax, MathMin, MathRandom,
    MathTrunc, NumberIsFinite, NumberPrototypeToString, ObjectDefineProperty, Promise, RangeError,
    RegExpPrototypeExec, StringPrototypeIndexOf, StringPrototypeSlice, StringPrototypeToLowerCase,
    SymbolIterator, TypeError, isObject, listPush, newList,
} from "./00_primordials.js";
import {
    illegalInvocation, requireArguments, toDOMString, toDictionary, toEnum, toSequence, toUSVString,
} from "./10_webidl.js";
import { KIND_OTHER, defineInterface, newBrand, newHostObject } from "./11_interface.js";
import { URL } from "./30_url.js";
import { newByteStream } from "./40_streams.js";
import {
    bufferOf, copyOf, decodeUtf8, encodeUtf8, isBufferSource, isUint8Array, join, lengthOf, part, toBuffer,
} from "./41_bytes.js";

const brand = newBrand();

// The state of what may be no blob: then undefined.
export function blobState(value) {
    return brand.state(value);
}

function stateOf(object) {
    const state = brand.state(object);
    if (state === undefined) {
        throw illegalInvocation();
    }
    return state;
}

// ---- construction ----

const endings = { __proto__: null, transparent: true, native: true };
const printable = /^[\x20-\x7e]*$/;

function toType(value) {
    const type = toDOMString(value);
    return RegExpPrototypeExec(printable, type) === null ? "" : StringPrototypeToLowerCase(type);
}

// One element: a blob's parts, a copy of bytes, or text that is encoded once all is converted.
function toElement(value) {
    const blob = brand.state(value);
    if (blob !== undefined) {
        return blob;
    }
    return isBufferSource(value) ? copyOf(value, "Blob: an element") : toUSVString(value);
}

// Line ends become those of the system: "\n".
function nativeEndings(text) {
    let out = "";
    let from = 0;
    for (;;) {
        const at = StringPrototypeIndexOf(text, "\r", from);
        if (at < 0) {
            return out + StringPrototypeSlice(text, from);
        }
        out += `${StringPrototypeSlice(text, from, at)}\n`;
        from = text[at + 1] === "\n" ? at + 2 : at + 1;
    }
}

function addPart(state, bytes) {
    const length = lengthOf(bytes);
    if (length > 0) {
        listPush(state.parts, bytes);
        state.size += length;
    }
}

function addElement(state, element, native) {
    if (typeof element === "string") {
        addPart(state, encodeUtf8(native ? nativeEndings(element) : element));
    } else if (isUint8Array(element)) {
        addPart(state, element);
    } else {
        for (let i = 0; i < element.parts.length; i++) {
            addPart(state, element.parts[i]);
        }
    }
}

function toElements(value) {
    if (value === undefined) {
        return newList();
    }
    if (!isObject(value)) {
        throw new TypeError("Blob: the first argument is not iterable");
    }
    return toSequence(value, value[SymbolIterator], "Blob: the first argument", toElement);
}

function toOptions(value) {
    const dictionary = toDictionary(value, "Blob: the second argument");
    const options = { __proto__: null, native: false, type: "" };
    if (dictionary !== null) {
        const ending = dictionary.endings;
        options.native = ending !== undefined && toEnum(ending, endings, "Blob: endings") === "native";
        const { type } = dictionary;
        options.type = type === undefined ? "" : toType(type);
    }
    return options;
}

function newState(type) {
    return { __proto__: null, parts: newList(), size: 0, type };
}

function newBlob(state) {
    return brand.stamp(newHostObject(KIND_OTHER, 0, BlobPrototype), state);
}

// `bytes` must be held by no guest.
export function blobOf(bytes, type) {
    const state = newState(type);
    addPart(state, bytes);
    return newBlob(state);
}

export function blobBytes(state) {
    return join(state.parts, state.size);
}

// ---- slices ----

// Web IDL's [Clamp] long long, and then relative to the end when negative.
function toPosition(value, size, missing) {
    if (value === undefined) {
        return missing;
    }
    const n = +value;
    const whole = n !== n ? 0 : NumberIsFinite(n) ? MathTrunc(n) : n;
    return whole < 0 ? MathMax(size + whole, 0) : MathMin(whole, size);
}

function slice(state, from, to, type) {
    const out = newState(type);
    let at = 0;
    for (let i = 0; i < state.parts.length && at < to; i++) {
        const bytes = state.parts[i];
        const length = lengthOf(bytes);
        const begin = MathMax(from - at, 0);
        const end = MathMin(to - at, length);
        if (begin < end) {
            addPart(out, part(bytes, begin, end));
        }
        at += length;
    }
    return out;
}

// ---- the interface ----

const CHUNK = 65536;

export function blobStream(state) {
    let index = 0;
    let at = 0;
    const read = () => {
        if (index >= state.parts.length) {
            return null;
        }
        const bytes = state.parts[index];
        const length = lengthOf(bytes);
        const end = MathMin(at + CHUNK, length);
        const chunk = bufferOf(copyOf(part(bytes, at, end), ""));
        at = end;
        if (at === length) {
            index++;
            at = 0;
        }
        return chunk;
    };
    const cancel = () => {
        index = state.parts.length;
    };
    return newByteStream(read, cancel, null);
}

function answer(object, make) {
    return new Promise((resolve) => {
        resolve(make(stateOf(object)));
    });
}

export class Blob {
    constructor(blobParts = undefined, options = undefined) {
        const elements = toElements(blobParts);
        const { native, type } = toOptions(options);
        const state = newState(type);
        for (let i = 0; i < elements.length; i++) {
            addElement(state, elements[i], native);
        }
        return brand.stamp(newHostObject(KIND_OTHER, 0, new.target.prototype), state);
    }
    get size() {
        return stateOf(this).size;
    }
    get type() {
        return stateOf(this).type;
    }
    slice(start = undefined, end = undefined, contentType = undefined) {
        const state = stateOf(this);
        const from = toPosition(start, state.size, 0);
        const to = toPosition(end, state.size, state.size);
        const type = contentType === undefined ? "" : toType(contentType);
        return newBlob(slice(state, from, MathMax(from, to), type));
    }
    stream() {
        return blobStream(stateOf(this));
    }
    text() {
        return answer(this, (state) => decodeUtf8(blobBytes(state)));
    }
    arrayBuffer() {
        return answer(this, (state) => toBuffer(blobBytes(state), false));
    }
    bytes() {
        return answer(this, (state) => copyOf(blobBytes(state), ""));
    }
}
defineInterface("Blob", Blob);
const BlobPrototype = Blob.prototype;

// ---- blob: URLs ----

const MAX_URLS = 10000;

let urls; // URL without a fragment -> state of a blob
let count = 0;
let origin = "null";

export function startBlobs(workerOrigin) {
    urls = new Map();
    origin = workerOrigin;
}

// A version 4 UUID. Its randomness protects nothing: the URL means something in this worker only.
function newUuid() {
    let uuid = "";
    for (let i = 0; i < 36; i++) {
        if (i === 8 || i === 13 || i === 18 || i === 23) {
            uuid += "-";
        } else {
            const digit = MathFloor(MathRandom() * 16);
            uuid += NumberPrototypeToString(i === 14 ? 4 : i === 19 ? (digit & 3) | 8 : digit, 16);
        }
    }
    return uuid;
}

// `url` has no fragment. undefined: no blob is behind it.
export function blobOfUrl(url) {
    return MapPrototypeGet(urls, url);
}

const statics = {
    createObjectURL(blob) {
        requireArguments(arguments.length, 1, "URL.createObjectURL");
        const state = brand.state(blob);
        if (state === undefined) {
            throw new TypeError("URL.createObjectURL: the argument is not a Blob");
        }
        if (count >= MAX_URLS) {
            throw new RangeError(`URL.createObjectURL: there are ${MAX_URLS} already`);
        }
        const url = `blob:${origin}/${newUuid()}`;
        MapPrototypeSet(urls, url, state);
        count++;
        return url;
    },
    revokeObjectURL(url) {
        requireArguments(arguments.length, 1, "URL.revokeObjectURL");
        const wanted = toUSVString(url);
        const hash = StringPrototypeIndexOf(wanted, "#");
        if (MapPrototypeDelete(urls, hash < 0 ? wanted : StringPrototypeSlice(wanted, 0, hash))) {
            count--;
        }
    },
};
const keys = ["createObjectURL", "revokeObjectURL"];
for (let i = 0; i < keys.length; i++) {
    ObjectDefineProperty(URL, keys[i], {
        __proto__: null,
        value: statics[keys[i]],
        writable: true,
        enumerable: true,
        configurable: true,
    });
}
