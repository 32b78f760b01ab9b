// SPDX-License-Identifier: MIT
// Web streams: the interfaces of the package web-streams-polyfill, and the way in which the glue uses them.
//
// The package keeps the state of a stream in properties that a guest can read and change, and calls methods
// that a guest can patch. So what the functions below give may be anything: no object of the glue is
// handed in but functions that stand any call, and what comes out is checked like what a guest passes.
import {
    ByteLengthQueuingStrategy, CountQueuingStrategy, ReadableByteStreamController, ReadableStream,
    ReadableStreamBYOBReader, ReadableStreamBYOBRequest, ReadableStreamDefaultController,
    ReadableStreamDefaultReader, TransformStream, TransformStreamDefaultController, WritableStream,
    WritableStreamDefaultController, WritableStreamDefaultWriter,
} from "cay:streams";
import {
    ObjectDefineProperty, ObjectGetOwnPropertyDescriptor, Promise, PromisePrototypeThen, Uint8Array, isObject,
    uncurryThis,
} from "./00_primordials.js";
import { defineInterface } from "./11_interface.js";

// lint: snapshot time

defineInterface("ByteLengthQueuingStrategy", ByteLengthQueuingStrategy, 1);
defineInterface("CountQueuingStrategy", CountQueuingStrategy, 1);
defineInterface("ReadableByteStreamController", ReadableByteStreamController);
defineInterface("ReadableStream", ReadableStream);
defineInterface("ReadableStreamBYOBReader", ReadableStreamBYOBReader, 1);
defineInterface("ReadableStreamBYOBRequest", ReadableStreamBYOBRequest);
defineInterface("ReadableStreamDefaultController", ReadableStreamDefaultController);
defineInterface("ReadableStreamDefaultReader", ReadableStreamDefaultReader, 1);
defineInterface("TransformStream", TransformStream);
defineInterface("TransformStreamDefaultController", TransformStreamDefaultController);
defineInterface("WritableStream", WritableStream);
defineInterface("WritableStreamDefaultController", WritableStreamDefaultController);
defineInterface("WritableStreamDefaultWriter", WritableStreamDefaultWriter, 1);

const lockedOf = uncurryThis(ObjectGetOwnPropertyDescriptor(ReadableStream.prototype, "locked").get);
const tee = uncurryThis(ReadableStream.prototype.tee);
const cancelStream = uncurryThis(ReadableStream.prototype.cancel);
const readOf = uncurryThis(ReadableStreamDefaultReader.prototype.read);
const cancelReaderOf = uncurryThis(ReadableStreamDefaultReader.prototype.cancel);
const byteController = ReadableByteStreamController.prototype;
const enqueueOf = uncurryThis(byteController.enqueue);
const closeOf = uncurryThis(byteController.close);
const errorOf = uncurryThis(byteController.error);
const requestOf = uncurryThis(ObjectGetOwnPropertyDescriptor(byteController, "byobRequest").get);
const respondTo = uncurryThis(ReadableStreamBYOBRequest.prototype.respond);

// lint: worker time

export function isReadableStream(value) {
    if (!isObject(value)) {
        return false;
    }
    try {
        lockedOf(value); // the package's own check
        return true;
    } catch {
        return false;
    }
}

export function isLocked(stream) {
    return lockedOf(stream);
}

export function isDisturbed(stream) {
    return ObjectGetOwnPropertyDescriptor(stream, "_disturbed")?.value === true;
}

function ignore() {}

// Follows a promise that no guest holds. Its own `constructor` keeps the guest's species out of it.
function follow(promise, onDone, onFailed) {
    ObjectDefineProperty(promise, "constructor", { __proto__: null, value: undefined });
    PromisePrototypeThen(promise, onDone, onFailed);
}

export function newReader(stream) {
    return new ReadableStreamDefaultReader(stream);
}

// One of the three is called, once, later: onChunk(value), onEnd(), onFailed(reason).
export function readChunk(reader, onChunk, onEnd, onFailed) {
    const onStep = (step) => {
        try {
            if (step.done) {
                onEnd();
            } else {
                onChunk(step.value);
            }
        } catch (error) {
            onFailed(error);
        }
    };
    try {
        follow(readOf(reader), onStep, onFailed);
    } catch (error) {
        onFailed(error);
    }
}

function forget(promise) {
    try {
        follow(promise, ignore, ignore);
    } catch {
        // Nobody waits for it.
    }
}

export function cancelReader(reader, reason) {
    try {
        forget(cancelReaderOf(reader, reason));
    } catch {
        // The guest's own stream.
    }
}

export function cancelUnlocked(stream, reason) {
    try {
        forget(cancelStream(stream, reason));
    } catch {
        // The guest's own stream.
    }
}

// Two streams in the place of one.
export function teeStream(stream) {
    return tee(stream);
}

// ---- streams of bytes that the glue makes ----

// read(onChunk, onFailed): an ArrayBuffer; null at the end; undefined when onChunk(either of these) or
// onFailed(reason) is called later. It may throw. cancel(reason): nobody will read. `opened(fail)`, if not
// null, gets a function that ends the stream with an error.
export function newByteStream(read, cancel, opened) {
    const source = {
        __proto__: null,
        type: "bytes",
        pull(controller) {
            return new Promise((resolve, reject) => {
                const onChunk = (buffer) => {
                    deliver(controller, buffer);
                    resolve();
                };
                const buffer = read(onChunk, reject);
                if (buffer !== undefined) {
                    onChunk(buffer);
                }
            });
        },
        cancel(reason) {
            cancel(reason);
        },
    };
    if (opened !== null) {
        source.start = (controller) => opened((reason) => fail(controller, reason));
    }
    return new ReadableStream(source, { __proto__: null, highWaterMark: 0 });
}

function deliver(controller, buffer) {
    if (buffer !== null) {
        enqueueOf(controller, new Uint8Array(buffer));
        return;
    }
    closeOf(controller);
    const request = requestOf(controller);
    if (request !== null) {
        respondTo(request, 0); // a read into the guest's memory waits for the end
    }
}

function fail(controller, reason) {
    try {
        errorOf(controller, reason);
    } catch {
        // It was closed, or is not what it was.
    }
}

// A stream that is at its end, and that somebody reads.
export function newSpentStream() {
    const stream = newByteStream(() => null, ignore, null);
    const reader = newReader(stream);
    readChunk(reader, ignore, ignore, ignore);
    return stream;
}
