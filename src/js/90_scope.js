// SPDX-License-Identifier: MIT
// The global object: its interfaces, its attributes and functions, and what C tells it.
//
// All that does not depend on the worker is installed while the snapshot is made; startScope fills in the
// rest.
import { ops } from "./00_ops.js";
import {
    ObjectDefineProperty, ObjectGetOwnPropertyDescriptor, ObjectSetPrototypeOf, ReflectDeleteProperty,
    ReflectOwnKeys, TypeError, globalObject,
} from "./00_primordials.js";
import {
    illegalConstructor, illegalInvocation, requireArguments, toTransferList,
} from "./10_webidl.js";
import { defineInterface, exposedInterfaces } from "./11_interface.js";
import { reportException } from "./12_report.js";
import { newErrorEvent, newRejectionEvent } from "./21_event.js";
import {
    EventTarget, defineHandler, fire, newTargetState, setGlobalTarget,
} from "./22_event_target.js";
import "./23_abort.js";
import { newLimitEvent } from "./26_limits.js";
import { startBlobs } from "./42_blob.js";
import { timers } from "./50_timers.js";
import { microtasks } from "./51_microtask.js";
import { newPerformance } from "./52_performance.js";
import { cloning, post } from "./53_ports.js";
import { newConsole } from "./61_console.js";
import { fetching, startFetch } from "./68_fetch.js";
import { newLocation } from "./70_location.js";
import { newNavigator } from "./71_navigator.js";
import { newCrypto } from "./83_crypto.js";

export class WorkerGlobalScope extends EventTarget {
    constructor() {
        throw illegalConstructor();
    }
}
defineInterface("WorkerGlobalScope", WorkerGlobalScope);

export class DedicatedWorkerGlobalScope extends WorkerGlobalScope {
    constructor() {
        throw illegalConstructor();
    }
}
defineInterface("DedicatedWorkerGlobalScope", DedicatedWorkerGlobalScope);

// The members of a [Global] interface are on the object itself, and a missing `this` means it.
function checkThis(object) {
    if (object !== undefined && object !== null && object !== globalObject) {
        throw illegalInvocation();
    }
    return globalObject;
}

const values = {
    name: "",
    location: null,
    navigator: null,
    performance: null,
    crypto: null,
    origin: "null",
};

// Messages wait until somebody listens for them.
let mainPortStarted = false;

function startMainPort() {
    if (!mainPortStarted) {
        ops.startPort(0);
        mainPortStarted = true;
    }
}

// C cuts a turn short for the last event only where somebody listens for it.
let limitsWatched = false;

function watchLimits() {
    if (!limitsWatched) {
        ops.watchLimits();
        limitsWatched = true;
    }
}

const attributes = {
    get self() {
        return checkThis(this);
    },
    get location() {
        checkThis(this);
        return values.location;
    },
    get navigator() {
        checkThis(this);
        return values.navigator;
    },
    get crypto() {
        checkThis(this);
        return values.crypto;
    },
    get crossOriginIsolated() {
        checkThis(this);
        return false;
    },
};

// Web IDL's [Replaceable]: an assignment puts a plain property in the place of the attribute.
function replace(object, key, value) {
    ObjectDefineProperty(checkThis(object), key, {
        __proto__: null,
        value,
        writable: true,
        enumerable: true,
        configurable: true,
    });
}

const replaceable = {
    get name() {
        checkThis(this);
        return values.name;
    },
    set name(value) {
        replace(this, "name", value);
    },
    get origin() {
        checkThis(this);
        return values.origin;
    },
    set origin(value) {
        replace(this, "origin", value);
    },
    get performance() {
        checkThis(this);
        return values.performance;
    },
    set performance(value) {
        replace(this, "performance", value);
    },
};

const functions = {
    postMessage(message, options = undefined) {
        checkThis(this);
        requireArguments(arguments.length, 1, "postMessage");
        post(0, message, toTransferList(options, true, "postMessage: the second argument"), undefined);
    },
    close() {
        checkThis(this);
        ops.exit(0, false);
    },
    importScripts() {
        throw new TypeError("importScripts is not available in module workers");
    },
    reportError(error) {
        requireArguments(arguments.length, 1, "reportError");
        reportException(error);
    },
};

function copyMembers(from) {
    const keys = ReflectOwnKeys(from);
    for (let i = 0; i < keys.length; i++) {
        ObjectDefineProperty(globalObject, keys[i], ObjectGetOwnPropertyDescriptor(from, keys[i]));
    }
}

function defineHidden(key, value) {
    ObjectDefineProperty(globalObject, key, {
        __proto__: null,
        value,
        writable: true,
        enumerable: false,
        configurable: true,
    });
}

function install() {
    const list = exposedInterfaces();
    for (let i = 0; i < list.length; i++) {
        defineHidden(list[i].name, list[i].klass);
    }
    copyMembers(attributes);
    copyMembers(replaceable);
    copyMembers(functions);
    copyMembers(timers);
    copyMembers(microtasks);
    copyMembers(cloning);
    copyMembers(fetching);
    defineHandler(globalObject, "message", checkThis, startMainPort);
    defineHandler(globalObject, "messageerror", checkThis, startMainPort);
    defineHandler(globalObject, "error", checkThis);
    defineHandler(globalObject, "limit", checkThis, watchLimits);
    defineHandler(globalObject, "drain", checkThis);
    defineHandler(globalObject, "unhandledrejection", checkThis);
    defineHandler(globalObject, "rejectionhandled", checkThis);
    defineHidden("console", newConsole());
    ObjectSetPrototypeOf(globalObject, DedicatedWorkerGlobalScope.prototype);
}
install();

export function startScope(config) {
    const state = newTargetState();
    state.added = (type) => {
        if (type === "message") {
            startMainPort();
        } else if (type === "limit") {
            watchLimits();
        }
    };
    setGlobalTarget(globalObject, state);
    // Nothing would count such a wait: its worker would pass for idle. V8 adds Atomics after the snapshot.
    ReflectDeleteProperty(globalObject.Atomics, "waitAsync");
    values.name = config.name;
    values.location = newLocation(config.url);
    values.origin = values.location.origin;
    startBlobs(values.origin);
    startFetch(config.url);
    values.navigator = newNavigator(config.version, config.cpus);
    values.performance = newPerformance(config.timeOrigin);
    values.crypto = newCrypto();
}

// ---- from C ----

// A turn may have been cut short anywhere in here: what is left of it must not keep this event away.
export function limitReached(limit, max, used, over) {
    reporting = false;
    fire(globalObject, newLimitEvent(limit, max, used, over), true);
}

let reporting = false;

// Fires `error` at the global object; true when prevented. An error thrown by a listener of such an event
// comes here again and is not dispatched: it would never end.
export function globalError(exception, info) {
    if (reporting) {
        return false;
    }
    reporting = true;
    try {
        return !fire(globalObject, newErrorEvent(info, exception));
    } finally {
        reporting = false;
    }
}

const UNHANDLED = 0;

// `list` is flat: kind, promise, reason, kind, promise, reason, ...
export function rejections(list) {
    for (let i = 0; i + 2 < list.length; i += 3) {
        const promise = list[i + 1];
        const reason = list[i + 2];
        if (list[i] !== UNHANDLED) {
            fire(globalObject, newRejectionEvent("rejectionhandled", promise, reason, false), true);
        } else if (fire(globalObject, newRejectionEvent("unhandledrejection", promise, reason, true), true)) {
            reportException(reason, true);
        }
    }
}
