// SPDX-License-Identifier: MIT
// FsFile: an open file. Operations on one file happen in the order in which they were asked for; each is
// checked anew against the permissions of that moment.
import { WritableStream } from "cay:streams";
import { ops } from "./00_ops.js";
import { TypeError, TypedArrayPrototypeSet } from "./00_primordials.js";
import {
    illegalConstructor, illegalInvocation, requireArguments, toUnsignedLongLongEnforced,
} from "./10_webidl.js";
import { KIND_OTHER, defineInterface, newBrand, newHostObject } from "./11_interface.js";
import { addRequest, dropRequest, request, settle } from "./14_async.js";
import { newError, toCayError } from "./24_errors.js";
import { newByteStream } from "./40_streams.js";
import { lengthOf, toBuffer, viewOf } from "./41_bytes.js";
import {
    APPEND, CREATE, EXCLUSIVE, READ, TRUNCATE, WRITE, attempt, checkBytes, newFileInfo, toExclusive,
    toOptions, toPath,
} from "./80_files.js";

// state of a file: rid (0 once it is closed), appends, readable, writable (null until they are asked for)
const brand = newBrand();

const STREAM_CHUNK = 65536;

function stateOf(object) {
    const state = brand.state(object);
    if (state === undefined) {
        throw illegalInvocation();
    }
    return state;
}

function openRid(state) {
    if (state.rid === 0) {
        throw newError("ECLOSED", "the file is closed");
    }
    return state.rid;
}

// { at }: a position, or undefined for where the file is.
function toPosition(value, what) {
    const { at } = toOptions(value, what);
    return at === undefined ? undefined : toUnsignedLongLongEnforced(at, `${what}: at`);
}

function run(object, begin, open = undefined) {
    return attempt(() => {
        const state = stateOf(object);
        return request((id) => {
            begin(id, openRid(state));
        }, toCayError, open);
    });
}

function close(state) {
    const { rid } = state;
    state.rid = 0;
    return request((id) => {
        ops.fileClose(id, rid);
    }, toCayError);
}

// ---- streams ----

// Reads on from where the file is; at the end, or when nobody reads any more, the file is closed.
function newReadable(state) {
    const end = () => {
        if (state.rid !== 0) {
            close(state);
        }
    };
    return newByteStream((onChunk, onFailed) => {
        const id = addRequest((bytes) => {
            if (lengthOf(bytes) === 0) {
                end();
                onChunk(null);
            } else {
                onChunk(toBuffer(bytes, true));
            }
        }, (error) => onFailed(toCayError(error)));
        try {
            ops.fileRead(id, openRid(state), STREAM_CHUNK, undefined);
        } catch (error) {
            dropRequest(id);
            throw toCayError(error);
        }
        return undefined;
    }, end, null);
}

// The functions below are called by the streams package, with whatever a guest made of it.
function newWritable(state) {
    return new WritableStream({
        __proto__: null,
        write(chunk) {
            return attempt(() => {
                checkBytes(chunk, "FsFile.writable");
                return request((id) => {
                    ops.fileWrite(id, openRid(state), chunk, undefined);
                }, toCayError);
            });
        },
        close() {
            return state.rid === 0 ? undefined : close(state);
        },
        abort() {
            return state.rid === 0 ? undefined : close(state);
        },
    });
}

// ---- the class ----

export class FsFile {
    constructor() {
        throw illegalConstructor();
    }
    // Reads at most what the buffer holds: the number of bytes, 0 at the end.
    read(buffer, options = undefined) {
        const what = "FsFile.read";
        let view;
        return run(this, (id, rid) => {
            requireArguments(arguments.length, 1, what);
            const at = toPosition(options, what);
            checkBytes(buffer, what);
            view = viewOf(buffer, what);
            ops.fileRead(id, rid, lengthOf(view), at);
        }, (bytes) => {
            try {
                TypedArrayPrototypeSet(view, bytes);
            } catch {
                throw new TypeError(`${what}: the buffer was detached while it was read into`);
            }
            return lengthOf(bytes);
        });
    }
    // Writes all of them: their number.
    write(bytes, options = undefined) {
        const what = "FsFile.write";
        let length;
        return run(this, (id, rid) => {
            requireArguments(arguments.length, 1, what);
            const at = toPosition(options, what);
            if (at !== undefined && stateOf(this).appends) {
                throw new TypeError(`${what}: the file is open for appending, so there is no at`);
            }
            checkBytes(bytes, what);
            length = lengthOf(viewOf(bytes, what));
            ops.fileWrite(id, rid, bytes, at);
        }, () => length);
    }
    truncate(length = 0) {
        return run(this, (id, rid) => {
            ops.fileTruncate(id, rid, toUnsignedLongLongEnforced(length, "FsFile.truncate: the length"));
        });
    }
    stat() {
        return run(this, (id, rid) => {
            ops.fileStat(id, rid);
        }, newFileInfo);
    }
    sync() {
        return run(this, (id, rid) => {
            ops.fileSync(id, rid, false);
        });
    }
    syncData() {
        return run(this, (id, rid) => {
            ops.fileSync(id, rid, true);
        });
    }
    // After what was asked for before. A second time does nothing.
    close() {
        return attempt(() => {
            const state = stateOf(this);
            return state.rid === 0 ? request((id) => settle(id, true, undefined), toCayError) : close(state);
        });
    }
    get readable() {
        const state = stateOf(this);
        state.readable ??= newReadable(state);
        return state.readable;
    }
    get writable() {
        const state = stateOf(this);
        state.writable ??= newWritable(state);
        return state.writable;
    }
}
defineInterface("FsFile", FsFile, 0, false);
const FsFilePrototype = FsFile.prototype;

// ---- opening ----

// As other runtimes have it: without options for reading, with options for what they say.
function toOpenFlags(value, what) {
    if (value === undefined || value === null) {
        return READ;
    }
    const options = toOptions(value, what);
    const append = !!options.append;
    const create = !!options.create;
    const exclusive = toExclusive(options);
    const read = !!options.read;
    const truncate = !!options.truncate;
    const write = !!options.write || append;
    if (!read && !write) {
        throw new TypeError(`${what}: neither read, write nor append is set`);
    }
    if (!write && (create || exclusive || truncate)) {
        throw new TypeError(`${what}: create, exclusive and truncate need write or append`);
    }
    if (append && truncate) {
        throw new TypeError(`${what}: append and truncate exclude each other`);
    }
    return (read ? READ : 0) | (write ? WRITE : 0) | (append ? APPEND : 0) | (truncate ? TRUNCATE : 0) |
        (create || exclusive ? CREATE : 0) | (exclusive ? EXCLUSIVE : 0);
}

export const opening = {
    open(path, options = undefined) {
        const what = "cay.open";
        return attempt(() => {
            const of = toPath(path, what);
            const flags = toOpenFlags(options, what);
            return request((id) => {
                ops.fsOpen(id, of, flags);
            }, toCayError, (rid) => brand.stamp(newHostObject(KIND_OTHER, 0, FsFilePrototype), {
                rid, appends: (flags & APPEND) !== 0, readable: null, writable: null,
            }));
        });
    },
};
