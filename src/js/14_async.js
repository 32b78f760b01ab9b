// SPDX-License-Identifier: MIT
// Operations in flight: an op that is given a number starts one, and C settles the promise of that number
// later.
import {
    ErrorCaptureStackTrace, Map, MapPrototypeDelete, MapPrototypeGet, MapPrototypeHas, MapPrototypeSet,
    Promise,
} from "./00_primordials.js";

let pending; // id -> { resolve, reject, convert, open, direct }
let lastId = 0;

// C knows 32 bits of it.
function nextId() {
    do {
        lastId = lastId === 0xffffffff ? 1 : lastId + 1;
    } while (MapPrototypeHas(pending, lastId));
    return lastId;
}

export function startRequests() {
    pending = new Map();
}

// A number for an operation whose outcome goes to functions of the glue: onDone(value), and
// onFailed({ code, message }). Unlike with a promise, nothing of the guest's is asked on the way.
export function addRequest(onDone, onFailed) {
    const id = nextId();
    MapPrototypeSet(pending, id, {
        resolve: onDone, reject: onFailed, direct: true, open: undefined,
    });
    return id;
}

// The op threw, or was done at once.
export function dropRequest(id) {
    MapPrototypeDelete(pending, id);
}

// Calls begin(id), which calls an op; the promise settles with what C gives. An op that throws rejects.
// `convert` turns C's { code, message } (or what the op threw) into the error for the guest; `open`, when
// given, makes the result of what C gave, or throws.
export function request(begin, convert, open = undefined) {
    return new Promise((resolve, reject) => {
        const id = nextId();
        MapPrototypeSet(pending, id, { resolve, reject, convert, open, direct: false });
        try {
            begin(id);
        } catch (error) {
            MapPrototypeDelete(pending, id);
            reject(convert(error));
        }
    });
}

function finish(task, value) {
    const { open } = task;
    if (open === undefined) {
        task.resolve(value);
        return;
    }
    let result;
    try {
        result = open(value);
    } catch (error) {
        task.reject(error);
        return;
    }
    task.resolve(result);
}

// A failure that comes later has no caller on the stack. Made in the continuation of an async function that
// the promise follows, its error gets the async functions of the guest that wait for it as frames. The second
// await lets the promise be followed first.
// lint: awaits on purpose: what is awaited is no object, so nobody's `then` is asked.
async function failLater(task, value) {
    await undefined;
    await undefined;
    // lint: worker time
    const error = task.convert(value);
    ErrorCaptureStackTrace(error, failLater);
    throw error;
}

// A promise that fails with an error which the glue has made; for the resolve function of another one.
export function failing(error) {
    return failLater({ convert: () => error }, undefined);
}

// From C: the dispatch function SETTLE. `value` is the result, or { code, message }.
export function settle(id, ok, value) {
    const task = MapPrototypeGet(pending, id);
    if (task === undefined) {
        return;
    }
    MapPrototypeDelete(pending, id);
    if (ok) {
        finish(task, value);
    } else if (task.direct) {
        task.reject(value);
    } else {
        task.resolve(failLater(task, value));
    }
}
