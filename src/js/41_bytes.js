// SPDX-License-Identifier: MIT
// Bytes inside the glue: Uint8Arrays that no guest holds, and what becomes one. Only captured getters look at
// a buffer: a guest can replace those of the prototypes.
import { ops } from "./00_ops.js";
import {
    ArrayBufferIsView, ArrayBufferPrototypeGetByteLength, DataViewPrototypeGetBuffer,
    DataViewPrototypeGetByteLength, DataViewPrototypeGetByteOffset, TypeError,
    TypedArrayPrototypeGetBuffer, TypedArrayPrototypeGetByteLength, TypedArrayPrototypeGetByteOffset,
    TypedArrayPrototypeGetTag, TypedArrayPrototypeSet, Uint8Array, isObject,
} from "./00_primordials.js";

export function isArrayBuffer(value) {
    if (!isObject(value)) {
        return false;
    }
    try {
        ArrayBufferPrototypeGetByteLength(value);
        return true;
    } catch {
        return false;
    }
}

// Web IDL's BufferSource. Views on shared memory are none.
export function isBufferSource(value) {
    return ArrayBufferIsView(value) || isArrayBuffer(value);
}

export function isUint8Array(value) {
    return ArrayBufferIsView(value) && TypedArrayPrototypeGetTag(value) === "Uint8Array";
}

export function viewOf(source, what) {
    if (!ArrayBufferIsView(source)) {
        return new Uint8Array(source);
    }
    const isTyped = TypedArrayPrototypeGetTag(source) !== undefined;
    const buffer = isTyped ? TypedArrayPrototypeGetBuffer(source) : DataViewPrototypeGetBuffer(source);
    if (!isArrayBuffer(buffer)) {
        throw new TypeError(`${what} is a view on shared memory`);
    }
    // Of a detached buffer both are 0; a data view throws a TypeError.
    const from = isTyped ? TypedArrayPrototypeGetByteOffset(source) : DataViewPrototypeGetByteOffset(source);
    const length = isTyped
        ? TypedArrayPrototypeGetByteLength(source)
        : DataViewPrototypeGetByteLength(source);
    return length === 0 ? new Uint8Array(0) : new Uint8Array(buffer, from, length);
}

export const bufferOf = TypedArrayPrototypeGetBuffer;
export const lengthOf = TypedArrayPrototypeGetByteLength;

// A copy of what a BufferSource holds now. Detached ones are empty, as the standard says.
export function copyOf(source, what) {
    if (!ArrayBufferIsView(source) && ArrayBufferPrototypeGetByteLength(source) === 0) {
        return new Uint8Array(0); // a view on a detached buffer cannot be made
    }
    const view = viewOf(source, what);
    const copy = new Uint8Array(lengthOf(view));
    TypedArrayPrototypeSet(copy, view);
    return copy;
}

export function fromBuffer(buffer) {
    return new Uint8Array(buffer);
}

// The part from `from` up to `to`, over the same memory.
export function part(bytes, from, to) {
    return new Uint8Array(bufferOf(bytes), TypedArrayPrototypeGetByteOffset(bytes) + from, to - from);
}

// A list of Uint8Arrays as one; a single one is given as it is.
export function join(list, total) {
    if (list.length === 1) {
        return list[0];
    }
    const all = new Uint8Array(total);
    let at = 0;
    for (let i = 0; i < list.length; i++) {
        TypedArrayPrototypeSet(all, list[i], at);
        at += lengthOf(list[i]);
    }
    return all;
}

// A buffer that holds these bytes and no others, for a guest: that of `bytes` itself when `own`.
export function toBuffer(bytes, own) {
    const buffer = bufferOf(bytes);
    if (own && ArrayBufferPrototypeGetByteLength(buffer) === lengthOf(bytes)) {
        return buffer;
    }
    return bufferOf(copyOf(bytes, ""));
}

export function encodeUtf8(text) {
    return new Uint8Array(ops.encodeUtf8(text));
}

// As the Encoding standard's "UTF-8 decode": without a byte order mark, U+FFFD for what is malformed.
export function decodeUtf8(bytes) {
    return ops.decodeUtf8(bytes);
}
