// SPDX-License-Identifier: MIT
// Files by path: cay.readFile and its kin. Permissions are checked in C, beneath the roots that were granted.
import { ops } from "./00_ops.js";
import {
    ArrayBufferIsView, ArrayBufferPrototypeGetByteLength, DataViewPrototypeGetBuffer, Date, ObjectFreeze,
    Promise, StringPrototypeCharCodeAt, TypeError, TypedArrayPrototypeGetBuffer, TypedArrayPrototypeGetTag,
    Uint8Array,
} from "./00_primordials.js";
import { requireArguments, toDOMString, toDictionary, toUnsignedLongLongEnforced } from "./10_webidl.js";
import { addRequest, dropRequest, request } from "./14_async.js";
import {
    abortReason, addAbortAlgorithm, isAbortSignal, isAborted, removeAbortAlgorithm,
} from "./23_abort.js";
import { toCayError } from "./24_errors.js";
import { hrefOf } from "./30_url.js";
import { isArrayBuffer, isBufferSource } from "./41_bytes.js";

// CAY_FS_* of src/io/fs.h.
export const READ = 1;
export const WRITE = 2;
export const CREATE = 4;
export const EXCLUSIVE = 8;
export const TRUNCATE = 16;
export const APPEND = 32;

const MAX_BYTES = 1 << 30;

// ---- arguments ----

export function rejected(error) {
    return new Promise((_resolve, reject) => {
        reject(error);
    });
}

// An operation gives a promise whatever happens: what is thrown on the way rejects.
export function attempt(start) {
    try {
        return start();
    } catch (error) {
        return rejected(error);
    }
}

export function toPath(value, what) {
    if (typeof value === "string") {
        return value;
    }
    const href = hrefOf(value);
    if (href === undefined) {
        throw new TypeError(`${what}: a path is a string or a URL`);
    }
    try {
        return ops.fsPath(href);
    } catch (error) {
        throw new TypeError(`${what}: ${error.message}`);
    }
}

const NO_MEMBERS = ObjectFreeze({ __proto__: null });

export function toOptions(value, what) {
    return toDictionary(value, `${what}: the last argument`) ?? NO_MEMBERS;
}

function toSignal(value, what) {
    if (value !== undefined && !isAbortSignal(value)) {
        throw new TypeError(`${what}: signal is not an AbortSignal`);
    }
    return value;
}

function toReadOptions(value, what) {
    const options = toOptions(value, what);
    const { maxBytes } = options;
    const max = maxBytes === undefined
        ? MAX_BYTES
        : toUnsignedLongLongEnforced(maxBytes, `${what}: maxBytes`);
    return { __proto__: null, max, signal: toSignal(options.signal, what) };
}

// Two words for one thing: what other runtimes call it must not be passed over in silence.
export function toExclusive(options) {
    const { createNew } = options;
    const { exclusive } = options;
    return !!createNew || !!exclusive;
}

function toWriteOptions(value, what) {
    const options = toOptions(value, what);
    const append = !!options.append;
    const { create } = options;
    const exclusive = toExclusive(options);
    const flags = (append ? APPEND : TRUNCATE) |
        (exclusive ? CREATE | EXCLUSIVE : 0) |
        (create === undefined || create ? CREATE : 0);
    return { __proto__: null, flags, signal: toSignal(options.signal, what) };
}

// Bytes as an argument. To write those of a buffer that was transferred away would empty a file by mistake.
export function checkBytes(value, what) {
    if (!isBufferSource(value)) {
        throw new TypeError(`${what}: neither an ArrayBuffer nor a view on one was given`);
    }
    let buffer = value;
    if (ArrayBufferIsView(value)) {
        buffer = TypedArrayPrototypeGetTag(value) === undefined
            ? DataViewPrototypeGetBuffer(value)
            : TypedArrayPrototypeGetBuffer(value);
    }
    if (!isArrayBuffer(buffer)) {
        throw new TypeError(`${what}: the view is on shared memory`);
    }
    if (ArrayBufferPrototypeGetByteLength(buffer) === 0) {
        new Uint8Array(buffer); // throws when it is detached
    }
}

// ---- operations ----

// As request(), and ended by the signal, if there is one.
function abortable(signal, begin) {
    if (signal === undefined) {
        return request(begin, toCayError);
    }
    if (isAborted(signal)) {
        return rejected(abortReason(signal));
    }
    return new Promise((resolve, reject) => {
        let algorithm;
        const id = addRequest((value) => {
            removeAbortAlgorithm(signal, algorithm);
            resolve(value);
        }, (error) => {
            removeAbortAlgorithm(signal, algorithm);
            reject(toCayError(error));
        });
        algorithm = addAbortAlgorithm(signal, () => {
            dropRequest(id);
            ops.cancelRequest(id);
            reject(abortReason(signal));
        });
        try {
            begin(id);
        } catch (error) {
            dropRequest(id);
            removeAbortAlgorithm(signal, algorithm);
            reject(toCayError(error));
        }
    });
}

function read(path, options, isText, what) {
    return attempt(() => {
        const from = toPath(path, what);
        const { max, signal } = toReadOptions(options, what);
        return abortable(signal, (id) => {
            ops.fsRead(id, from, max, isText);
        });
    });
}

// The types of entries in C.
const FILE = 1;
const DIRECTORY = 2;
const SYMLINK = 3;

// `list` is C's: type, size, mode, and times in ms.
export function newFileInfo(list) {
    const type = list[0];
    return {
        isFile: type === FILE,
        isDirectory: type === DIRECTORY,
        isSymlink: type === SYMLINK,
        size: list[1],
        mode: list[2],
        mtime: new Date(list[3]),
        atime: new Date(list[4]),
        ctime: new Date(list[5]),
        birthtime: list[6] === null ? null : new Date(list[6]),
    };
}

function stat(path, follow, what) {
    return attempt(() => {
        const of = toPath(path, what);
        return request((id) => {
            ops.fsStat(id, of, follow);
        }, toCayError, newFileInfo);
    });
}

const DIGIT_ZERO = 48;

// The array of names that C made becomes that of the entries: all its elements are there already, so writing
// them asks no prototype.
function newEntries(pair) {
    const entries = pair[0];
    const types = pair[1];
    for (let i = 0; i < entries.length; i++) {
        const type = StringPrototypeCharCodeAt(types, i) - DIGIT_ZERO;
        entries[i] = {
            name: entries[i],
            isFile: type === FILE,
            isDirectory: type === DIRECTORY,
            isSymlink: type === SYMLINK,
        };
    }
    return entries;
}

// Both paths are converted before anything happens.
function withTwoPaths(from, to, what, begin) {
    return attempt(() => {
        const first = toPath(from, what);
        const second = toPath(to, what);
        return request((id) => begin(id, first, second), toCayError);
    });
}

export const files = {
    readFile(path, options = undefined) {
        return read(path, options, false, "cay.readFile");
    },
    readTextFile(path, options = undefined) {
        return read(path, options, true, "cay.readTextFile");
    },
    writeFile(path, bytes, options = undefined) {
        const what = "cay.writeFile";
        return attempt(() => {
            const to = toPath(path, what);
            if (typeof bytes === "string") {
                throw new TypeError(`${what} writes bytes; cay.writeTextFile writes text`);
            }
            const { flags, signal } = toWriteOptions(options, what);
            checkBytes(bytes, what); // after the getters of the options
            return abortable(signal, (id) => {
                ops.fsWrite(id, to, bytes, flags);
            });
        });
    },
    writeTextFile(path, text, options = undefined) {
        const what = "cay.writeTextFile";
        return attempt(() => {
            requireArguments(arguments.length, 2, what);
            const to = toPath(path, what);
            const content = toDOMString(text);
            const { flags, signal } = toWriteOptions(options, what);
            return abortable(signal, (id) => {
                ops.fsWrite(id, to, content, flags);
            });
        });
    },
    stat(path) {
        return stat(path, true, "cay.stat");
    },
    lstat(path) {
        return stat(path, false, "cay.lstat");
    },
    readDir(path) {
        return attempt(() => {
            const of = toPath(path, "cay.readDir");
            return request((id) => {
                ops.fsList(id, of);
            }, toCayError, newEntries);
        });
    },
    mkdir(path, options = undefined) {
        return attempt(() => {
            const at = toPath(path, "cay.mkdir");
            const recursive = !!toOptions(options, "cay.mkdir").recursive;
            return request((id) => {
                ops.fsMkdir(id, at, recursive);
            }, toCayError);
        });
    },
    remove(path, options = undefined) {
        return attempt(() => {
            const at = toPath(path, "cay.remove");
            const recursive = !!toOptions(options, "cay.remove").recursive;
            return request((id) => {
                ops.fsRemove(id, at, recursive);
            }, toCayError);
        });
    },
    rename(from, to) {
        return withTwoPaths(from, to, "cay.rename", (id, first, second) => {
            ops.fsRename(id, first, second);
        });
    },
    copyFile(from, to) {
        return withTwoPaths(from, to, "cay.copyFile", (id, first, second) => {
            ops.fsCopy(id, first, second);
        });
    },
};
