// SPDX-License-Identifier: MIT
// Worker: the object that a parent holds (HTML, "dedicated workers"), with a `close` event of our own.
//
// C delivers what the child tells in one order, without waiting for listeners: messages, errors, and at
// the end exactly one "close".
import { ops } from "./00_ops.js";
import {
    Map, MapPrototypeDelete, MapPrototypeGet, MapPrototypeSet, ObjectFreeze,
    ObjectPrototypeHasOwnProperty, ReflectOwnKeys, String, TypeError,
} from "./00_primordials.js";
import {
    illegalInvocation, requireArguments, toDOMString, toDictionary, toEnum, toTransferList, toUSVString,
} from "./10_webidl.js";
import { KIND_OTHER, defineInterface, newBrand, newHostObject } from "./11_interface.js";
import { DOMException, fromOpError } from "./20_dom_exception.js";
import { toCayError } from "./24_errors.js";
import { readPermissions } from "./25_grants.js";
import { newLimitEvent, readLimits } from "./26_limits.js";
import {
    Event, FIRST_FREE_KIND, becomeKind, moreOf, newErrorEvent, newPlainEvent, newTrustedEvent,
} from "./21_event.js";
import { EventTarget, defineHandler, fire, stampTarget } from "./22_event_target.js";
import { parseUrl } from "./30_url.js";
import { post } from "./53_ports.js";

const brand = newBrand();
let children; // rid -> Worker, until its close event
let baseUrl = "";

export function startWorkers(url) {
    children = new Map();
    baseUrl = url;
}

export function childOfRid(rid) {
    return MapPrototypeGet(children, rid);
}

// The number of a Worker, 0 once it has ended; undefined for anything else.
export function ridOfWorker(value) {
    return brand.state(value)?.rid;
}

// ---- the close event ----

const CLOSE = FIRST_FREE_KIND;
const NO_MEMBERS = ObjectFreeze({ __proto__: null });

export class WorkerCloseEvent extends Event {
    constructor(type, init = undefined) {
        requireArguments(arguments.length, 1, "WorkerCloseEvent");
        super(type, init);
        const { exitCode, reason, usage } = init ?? NO_MEMBERS;
        becomeKind(this, CLOSE, {
            exitCode: exitCode === undefined ? 0 : exitCode | 0,
            reason: reason === undefined ? "" : toDOMString(reason),
            usage: usage === undefined ? null : usage,
        });
    }
    get reason() {
        return moreOf(this, CLOSE).reason;
    }
    get exitCode() {
        return moreOf(this, CLOSE).exitCode;
    }
    get usage() {
        return moreOf(this, CLOSE).usage;
    }
}
defineInterface("WorkerCloseEvent", WorkerCloseEvent, 1);
const CloseEventPrototype = WorkerCloseEvent.prototype;

// `info` is C's. The usage becomes an ordinary object, the guest's to keep.
function newCloseEvent(info) {
    const { exitCode, reason, usage } = info;
    const more = {
        exitCode,
        reason,
        usage: ObjectFreeze({
            cpuMs: usage.cpuMs,
            wallMs: usage.wallMs,
            peakHeap: usage.peakHeap,
            messagesIn: usage.messagesIn,
            messagesOut: usage.messagesOut,
        }),
    };
    return newTrustedEvent(CloseEventPrototype, "close", CLOSE, more, false);
}

// ---- Worker ----

function workerState(object) {
    const state = brand.state(object);
    if (state === undefined) {
        throw illegalInvocation();
    }
    return state;
}

const types = { __proto__: null, classic: true, module: true };
const credentialModes = { __proto__: null, omit: true, "same-origin": true, include: true };

// What grants something counts only when it is the object's own: a patched Object.prototype grants nothing.
function ownMember(object, key) {
    return ObjectPrototypeHasOwnProperty(object, key) ? object[key] : undefined;
}

const cayMembers = { __proto__: null, limits: true, permissions: true };

// The member `cay` of the options: { limits, permissions }. A mistyped name would go unnoticed, as a worker
// without permissions starts too.
function toCayOptions(value) {
    const options = toDictionary(value, "Worker: cay");
    if (options === null) {
        return NO_MEMBERS;
    }
    const keys = ReflectOwnKeys(options);
    for (let i = 0; i < keys.length; i++) {
        if (cayMembers[keys[i]] === undefined) {
            throw new TypeError(`Worker: cay.${String(keys[i])}: there is no such option`);
        }
    }
    const limits = ownMember(options, "limits");
    const text = limits === undefined ? undefined : readLimits(limits);
    const permissions = ownMember(options, "permissions");
    return {
        limits: text,
        grants: permissions === undefined ? undefined : readPermissions(permissions),
    };
}

// { cay, name, type }; members are read in the order of their names, each once.
function toOptions(value) {
    const options = toDictionary(value, "Worker: the second argument") ?? NO_MEMBERS;
    const { limits, grants } = toCayOptions(ownMember(options, "cay"));
    const { credentials } = options;
    if (credentials !== undefined) {
        toEnum(credentials, credentialModes, "Worker: credentials");
    }
    const { name } = options;
    const text = name === undefined ? "" : toDOMString(name);
    const { type } = options;
    // The standard's default is "classic". Here a worker is a module, so nothing given means that.
    const kind = type === undefined ? "module" : toEnum(type, types, "Worker: type");
    return { name: text, type: kind, grants, limits };
}

function resolve(url) {
    const parts = parseUrl(url, baseUrl);
    if (parts === null) {
        throw new DOMException(`"${url}" is not a URL`, "SyntaxError");
    }
    return parts[0];
}

function spawn(url, name, grants, limits) {
    try {
        return ops.spawn(url, name, grants?.text, grants?.inherit, limits);
    } catch (error) {
        throw error.code === "EPERM" ? toCayError(error) : fromOpError(error);
    }
}

export class Worker extends EventTarget {
    // Returns an object of its own making, so `super` (which a guest may redirect) is never called.
    constructor(url, options = undefined) {
        requireArguments(arguments.length, 1, "Worker");
        const given = toUSVString(url);
        const { name, type, grants, limits } = toOptions(options);
        if (type === "classic") {
            throw new DOMException(
                "Workers of type classic are not supported; use { type: \"module\" }",
                "NotSupportedError",
            );
        }
        const absolute = resolve(given);
        const object = newHostObject(KIND_OTHER, 0, new.target.prototype);
        const rid = spawn(absolute, name, grants, limits);
        stampTarget(object);
        brand.stamp(object, { rid });
        MapPrototypeSet(children, rid, object);
        return object;
    }
    postMessage(message, options = undefined) {
        const { rid } = workerState(this);
        requireArguments(arguments.length, 1, "Worker.postMessage");
        const transfer = toTransferList(options, true, "Worker.postMessage: the second argument");
        if (rid !== 0) {
            post(rid, message, transfer, undefined);
        }
    }
    terminate() {
        const { rid } = workerState(this);
        if (rid !== 0) {
            ops.terminate(rid);
        }
    }
}

function owner(object) {
    workerState(object);
    return object;
}
defineHandler(Worker.prototype, "message", owner);
defineHandler(Worker.prototype, "messageerror", owner);
defineHandler(Worker.prototype, "error", owner);
defineHandler(Worker.prototype, "close", owner);
defineHandler(Worker.prototype, "limit", owner);
defineHandler(Worker.prototype, "drain", owner);
defineInterface("Worker", Worker, 1);

// ---- from C ----

// An error of the child. True when a listener here prevented the default.
export function childError(rid, info) {
    const worker = MapPrototypeGet(children, rid);
    return worker !== undefined && !fire(worker, newErrorEvent(info, null), true);
}

// A limit of the child's comes near, or was reached.
export function childLimit(rid, info) {
    const worker = MapPrototypeGet(children, rid);
    if (worker !== undefined) {
        fire(worker, newLimitEvent(info.limit, info.max, info.used, info.over), true);
    }
}

// There is room again for a message that was refused.
export function childDrain(rid) {
    const worker = MapPrototypeGet(children, rid);
    if (worker !== undefined) {
        fire(worker, newPlainEvent("drain"), true);
    }
}

// The child's end. From here on the object is inert.
export function childClosed(rid, info) {
    const worker = MapPrototypeGet(children, rid);
    if (worker === undefined) {
        return;
    }
    MapPrototypeDelete(children, rid);
    workerState(worker).rid = 0;
    fire(worker, newCloseEvent(info), true);
}
