// SPDX-License-Identifier: MIT
// Operations in flight: an op that is given a number starts one, and C settles the promise of that number
// later.
import {
    Map, MapPrototypeDelete, MapPrototypeGet, MapPrototypeHas, MapPrototypeSet, Promise,
} from "./00_primordials.js";

let pending; // id -> { resolve, reject, convert }
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
        resolve: onDone, reject: onFailed, convert: (error) => error, open: undefined,
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
        MapPrototypeSet(pending, id, { resolve, reject, convert, open });
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

// From C: the dispatch function SETTLE. `value` is the result, or { code, message }.
export function settle(id, ok, value) {
    const task = MapPrototypeGet(pending, id);
    if (task === undefined) {
        return;
    }
    MapPrototypeDelete(pending, id);
    if (ok) {
        finish(task, value);
    } else {
        task.reject(task.convert(value));
    }
}
