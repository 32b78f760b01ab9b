// SPDX-License-Identifier: MIT
// Bodies of requests and responses (Fetch standard, "body").
//
// A body is one record that knows its content in the cheapest form there is; a stream is only made when
// somebody asks for one:
//
//     text      a string of the guest's, not encoded yet
//     bytes     a Uint8Array that no guest holds; `shared` when a clone has it too
//     source    bytes on their way: read(onChunk, onFailed), cancel(reason), onOpened(fail), as for
//               newByteStream
//     stream    a ReadableStream: the guest's, or made from one of the above, which is then forgotten
//
// `used`: the content was taken. `length`: of the content in bytes where known before it is sent, else -1.
import {
    JSONParse, ObjectDefineProperty, ObjectGetOwnPropertyDescriptor, Promise, ReflectOwnKeys,
    StringPrototypeCharCodeAt, StringPrototypeSlice, TypeError, listPush, newList,
} from "./00_primordials.js";
import { ops } from "./00_ops.js";
import { toUSVString } from "./10_webidl.js";
import { isUrlSearchParams, paramsText } from "./29_url_search_params.js";
import {
    cancelReader, cancelUnlocked, isDisturbed, isLocked, isReadableStream, newByteStream, newReader,
    newSpentStream, readChunk, teeStream,
} from "./40_streams.js";
import {
    bufferOf, copyOf, decodeUtf8, encodeUtf8, fromBuffer, isBufferSource, isUint8Array, join, lengthOf,
    toBuffer,
} from "./41_bytes.js";
import { blobBytes, blobOf, blobState } from "./42_blob.js";
import { headerValue } from "./63_headers.js";

function newBody() {
    return {
        __proto__: null, text: null, bytes: null, shared: false, source: null, stream: null, used: false,
        length: -1,
    };
}

export function bodyOfText(text) {
    const body = newBody();
    body.text = text;
    return body;
}

export function bodyOfBytes(bytes) {
    const body = newBody();
    body.bytes = bytes;
    body.length = lengthOf(bytes);
    return body;
}

export function bodyOfSource(source) {
    const body = newBody();
    body.source = source;
    return body;
}

function bodyOfStream(stream) {
    const body = newBody();
    body.stream = stream;
    return body;
}

// ---- from what a guest gives ----

const BLOB = 0;
const BYTES = 1;
const PARAMS = 2;
const STREAM = 3;
const TEXT = 4;

// BodyInit by its kind; what is none of the objects becomes text at once, which may run guest code.
export function toBodyInit(value) {
    if (typeof value === "string") {
        return { __proto__: null, kind: TEXT, value: toUSVString(value) };
    }
    const kind = blobState(value) !== undefined
        ? BLOB
        : isBufferSource(value)
            ? BYTES
            : isUrlSearchParams(value)
                ? PARAMS
                : isReadableStream(value) ? STREAM : TEXT;
    return { __proto__: null, kind, value: kind === TEXT ? toUSVString(value) : value };
}

export function isStreamInit(init) {
    return init.kind === STREAM;
}

const TEXT_TYPE = "text/plain;charset=UTF-8";
const PARAMS_TYPE = "application/x-www-form-urlencoded;charset=UTF-8";

function streamBody(stream, what) {
    if (isLocked(stream) || isDisturbed(stream)) {
        throw new TypeError(`${what}: the stream is locked or was read from`);
    }
    return bodyOfStream(stream);
}

function extractBlob(state) {
    const body = bodyOfBytes(blobBytes(state));
    body.shared = true;
    return { body, type: state.type === "" ? null : state.type };
}

// { body, type }: the Content-Type that goes with it, or null.
export function extractBody({ kind, value }, what) {
    switch (kind) {
        case BLOB:
            return extractBlob(blobState(value));
        case BYTES:
            return { body: bodyOfBytes(copyOf(value, what)), type: null };
        case PARAMS:
            return { body: bodyOfText(paramsText(value)), type: PARAMS_TYPE };
        case STREAM:
            return { body: streamBody(value, what), type: null };
        default:
            return { body: bodyOfText(value), type: TEXT_TYPE };
    }
}

// ---- its state ----

export function isUsed(body) {
    return body !== null && (body.used || (body.stream !== null && isDisturbed(body.stream)));
}

export function isUnusable(body) {
    return isUsed(body) || (body !== null && body.stream !== null && isLocked(body.stream));
}

// What is sent: { content: undefined, a string, a Uint8Array, or true for a stream, reader: of that stream or
// null }. The body is used from then on.
export function takeForSending(body) {
    const sent = { __proto__: null, content: undefined, reader: null };
    if (body === null) {
        return sent;
    }
    if (body.stream !== null || body.source !== null) {
        sent.reader = newReader(streamOf(body));
        sent.content = true;
    } else {
        sent.content = body.text ?? body.bytes;
    }
    body.used = true;
    return sent;
}

// ---- the stream of a body ----

function onceSource(make) {
    let made = false;
    return () => {
        if (made) {
            return null;
        }
        made = true;
        const bytes = make();
        return lengthOf(bytes) === 0 ? null : bufferOf(bytes);
    };
}

function nothing() {}

// The guest gets memory of its own, unless nobody else knows it.
function ownBytes(body) {
    const bytes = body.text !== null ? encodeUtf8(body.text) : body.bytes;
    return body.shared ? copyOf(bytes, "") : fromBuffer(toBuffer(bytes, true));
}

export function streamOf(body) {
    if (body.stream !== null) {
        return body.stream;
    }
    if (body.used) {
        body.stream = newSpentStream();
    } else if (body.source !== null) {
        const { source } = body;
        body.stream = newByteStream(
            (onChunk, onFailed) => source.read(onChunk, onFailed),
            (reason) => source.cancel(reason),
            (fail) => source.onOpened(fail),
        );
    } else {
        const { text, bytes, shared } = body;
        const content = { __proto__: null, text, bytes, shared };
        body.stream = newByteStream(onceSource(() => ownBytes(content)), nothing, null);
    }
    body.source = null;
    body.bytes = null;
    body.text = null;
    return body.stream;
}

// A second body with the same content.
export function cloneBody(body) {
    const copy = newBody();
    copy.length = body.length;
    if (body.stream === null && body.source === null) {
        copy.text = body.text;
        copy.bytes = body.bytes;
        body.shared = true;
        copy.shared = true;
        return copy;
    }
    const streams = teeStream(streamOf(body));
    body.stream = streams[0];
    copy.stream = streams[1];
    return copy;
}

// A body with the content of another, which is used from then on.
export function takeBody(body) {
    const taken = newBody();
    taken.length = body.length;
    taken.text = body.text;
    taken.bytes = body.bytes;
    taken.shared = body.shared;
    taken.source = body.source;
    if (body.stream !== null) {
        taken.stream = relay(body.stream);
    }
    body.used = true;
    return taken;
}

function relay(stream) {
    const reader = newReader(stream);
    const read = (onChunk, onFailed) => {
        readBytes(reader, (bytes) => onChunk(bufferOf(bytes)), () => onChunk(null), onFailed);
        return undefined;
    };
    return newByteStream(read, (reason) => cancelReader(reader, reason), null);
}

// A chunk of a stream that is to be bytes, as a copy of its own.
export function readBytes(reader, onBytes, onEnd, onFailed) {
    const onChunk = (chunk) => {
        if (!isUint8Array(chunk)) {
            onFailed(new TypeError("The stream of a body gave a chunk that is not a Uint8Array"));
            return;
        }
        const bytes = copyOf(chunk, "The stream of a body");
        if (lengthOf(bytes) === 0) {
            readBytes(reader, onBytes, onEnd, onFailed); // later: a chunk never comes at once
        } else {
            onBytes(bytes);
        }
    };
    readChunk(reader, onChunk, onEnd, onFailed);
}

// Nobody will want what is left.
export function cancelBody(body, reason) {
    if (body === null) {
        return;
    }
    if (body.stream !== null) {
        if (!isLocked(body.stream)) {
            cancelUnlocked(body.stream, reason);
        }
    } else if (body.source !== null && !body.used) {
        body.source.cancel(reason);
    }
    body.used = true;
}

// ---- reading all of it ----

function gatherStream(stream, onAll, onFailed) {
    const list = newList();
    let total = 0;
    const reader = newReader(stream);
    const more = () => {
        readBytes(reader, (bytes) => {
            listPush(list, bytes);
            total += lengthOf(bytes);
            more();
        }, () => onAll(join(list, total)), onFailed);
    };
    more();
}

function gatherSource(source, onAll, onFailed) {
    const list = newList();
    let total = 0;
    // False at the end, or when the rest comes later.
    const add = (buffer) => {
        if (buffer === undefined) {
            return false;
        }
        if (buffer === null) {
            onAll(join(list, total));
            return false;
        }
        const bytes = fromBuffer(buffer);
        listPush(list, bytes);
        total += lengthOf(bytes);
        return true;
    };
    const onChunk = (buffer) => {
        try {
            if (add(buffer)) {
                while (add(source.read(onChunk, onFailed))) {
                    // What has arrived already.
                }
            }
        } catch (error) {
            onFailed(error);
        }
    };
    while (add(source.read(onChunk, onFailed))) {
        // The same.
    }
}

function withoutMark(text) {
    return text.length > 0 && StringPrototypeCharCodeAt(text, 0) === 0xfeff
        ? StringPrototypeSlice(text, 1)
        : text;
}

// finish(bytes, text): one of the two is there; `text` when nothing was ever encoded. Null: no body.
function consume(body, finish, resolve, reject) {
    if (isUnusable(body)) {
        throw new TypeError("The body was used already, or its stream is locked");
    }
    if (body === null) {
        resolve(finish(null, "", true));
        return;
    }
    body.used = true;
    const { stream, source } = body;
    if (stream === null && source === null) {
        resolve(finish(body.bytes, body.text, !body.shared));
        return;
    }
    const onAll = (bytes) => {
        let result;
        try {
            result = finish(bytes, null, true);
        } catch (error) {
            reject(error);
            return;
        }
        resolve(result);
    };
    if (stream !== null) {
        gatherStream(stream, onAll, reject);
    } else {
        gatherSource(source, onAll, reject);
    }
}

function toText(bytes, text) {
    return text === null ? decodeUtf8(bytes) : withoutMark(text);
}

function toBytes(bytes, text, own) {
    return text === null ? fromBuffer(toBuffer(bytes, own)) : encodeUtf8(text);
}

function toJson(bytes, text) {
    return JSONParse(toText(bytes, text));
}

function toArrayBuffer(bytes, text, own) {
    return bufferOf(toBytes(bytes, text, own));
}

function mimeType(headers) {
    const value = headerValue(headers, "content-type");
    return value === null ? "" : ops.mimeType(value);
}

// The members of Body on a prototype. `access(object)` gives { body, headers: a state } or throws.
export function installBody(prototype, access) {
    const consumer = (object, finish) =>
        new Promise((resolve, reject) => {
            consume(access(object).body, finish, resolve, reject);
        });
    const members = {
        get body() {
            const { body } = access(this);
            return body === null ? null : streamOf(body);
        },
        get bodyUsed() {
            return isUsed(access(this).body);
        },
        arrayBuffer() {
            return consumer(this, toArrayBuffer);
        },
        blob() {
            return consumer(this, (bytes, text, own) => {
                const content = toBytes(bytes, text, own);
                return blobOf(content, mimeType(access(this).headers));
            });
        },
        bytes() {
            return consumer(this, toBytes);
        },
        json() {
            return consumer(this, toJson);
        },
        text() {
            return consumer(this, toText);
        },
    };
    const keys = ReflectOwnKeys(members);
    for (let i = 0; i < keys.length; i++) {
        ObjectDefineProperty(prototype, keys[i], ObjectGetOwnPropertyDescriptor(members, keys[i]));
    }
}
