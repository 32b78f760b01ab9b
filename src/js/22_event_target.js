// SPDX-License-Identifier: MIT
// EventTarget, dispatch, and event handler attributes (DOM and HTML standards).
//
// Nothing here has a parent in an event path, so dispatch is: the target's capturing listeners, then the
// others. Listener lists are copied before a change only while a dispatch walks them.
import { ops } from "./00_ops.js";
import {
    Map, MapPrototypeGet, MapPrototypeSet, ObjectDefineProperty, ReflectApply, TypeError, isObject,
    listCopy, listPush, listRemoveAt, newList,
} from "./00_primordials.js";
import { illegalInvocation, requireArguments, toDOMString } from "./10_webidl.js";
import { KIND_OTHER, defineInterface, newBrand, newHostObject } from "./11_interface.js";
import { reportException } from "./12_report.js";
import { DOMException } from "./20_dom_exception.js";
import { ERROR, cancelEvent, eventState, peekEvent } from "./21_event.js";

// listener: { type, callback, capture, once, passive, removed, handler }
// state of a target: { lists: Map of type -> { list, walkers } or null, handlers: Map or null, added }

const targetBrand = newBrand();
let globalState; // of the global object, which has its own place because it is not made by a class

export function newTargetState() {
    return { lists: null, handlers: null, added: null };
}

export function setGlobalTarget(object, state) {
    globalState = { object, state };
}

// Marks an object as an EventTarget. `added(type)`, optional, is told of each new listener.
export function stampTarget(object, added = null) {
    const state = newTargetState();
    state.added = added;
    return targetBrand.stamp(object, state);
}

function targetState(target) {
    const state = targetBrand.state(target);
    if (state !== undefined) {
        return state;
    }
    // A method of EventTarget called without an object means the global object (Web IDL, [Global]).
    if (target === undefined || target === null || target === globalState.object) {
        return globalState.state;
    }
    throw illegalInvocation();
}

function targetObject(target) {
    return target === undefined || target === null ? globalState.object : target;
}

function entryOf(state, type) {
    return state.lists === null ? undefined : MapPrototypeGet(state.lists, type);
}

function makeEntry(state, type) {
    state.lists ??= new Map();
    let entry = MapPrototypeGet(state.lists, type);
    if (entry === undefined) {
        entry = { list: newList(), walkers: 0 };
        MapPrototypeSet(state.lists, type, entry);
    }
    return entry;
}

function writableList(entry) {
    if (entry.walkers > 0) {
        entry.list = listCopy(entry.list);
        entry.walkers = 0;
    }
    return entry.list;
}

function findListener(list, callback, capture) {
    for (let i = 0; i < list.length; i++) {
        const l = list[i];
        if (l.callback === callback && l.capture === capture && l.handler === null) {
            return i;
        }
    }
    return -1;
}

function appendListener(state, listener) {
    listPush(writableList(makeEntry(state, listener.type)), listener);
    if (state.added !== null) {
        state.added(listener.type);
    }
}

function dropListener(state, listener) {
    listener.removed = true;
    const entry = entryOf(state, listener.type);
    const list = writableList(entry);
    for (let i = 0; i < list.length; i++) {
        if (list[i] === listener) {
            listRemoveAt(list, i);
            return;
        }
    }
}

function toListenerCallback(value, what) {
    if (value === undefined || value === null) {
        return null;
    }
    if (!isObject(value)) {
        throw new TypeError(`${what}: the listener is not an object`);
    }
    return value;
}

function toCapture(options) {
    return isObject(options) ? !!options.capture : !!options;
}

// Set by 23_abort.js, which stands above: (signal) => handle with { aborted, onAbort(f) }.
let signalOf = () => undefined;
export function setSignalAccess(f) {
    signalOf = f;
}

function toSignal(value) {
    const signal = signalOf(value);
    if (signal === undefined) {
        throw new TypeError("addEventListener: signal is not an AbortSignal");
    }
    return signal;
}

export class EventTarget {
    constructor() {
        return stampTarget(newHostObject(KIND_OTHER, 0, new.target.prototype));
    }

    addEventListener(type, callback, options = undefined) {
        const state = targetState(this);
        requireArguments(arguments.length, 2, "addEventListener");
        type = toDOMString(type);
        callback = toListenerCallback(callback, "addEventListener");
        const capture = toCapture(options);
        let once = false;
        let passive = false;
        let signal;
        if (isObject(options)) {
            once = !!options.once;
            passive = !!options.passive;
            const given = options.signal;
            signal = given === undefined ? undefined : toSignal(given);
        }
        if (callback === null || (signal !== undefined && signal.aborted)) {
            return;
        }
        const entry = entryOf(state, type);
        if (entry !== undefined && findListener(entry.list, callback, capture) >= 0) {
            return;
        }
        const listener = { type, callback, capture, once, passive, removed: false, handler: null };
        appendListener(state, listener);
        if (signal !== undefined) {
            signal.onAbort(() => {
                if (!listener.removed) {
                    dropListener(state, listener);
                }
            });
        }
    }

    removeEventListener(type, callback, options = undefined) {
        const state = targetState(this);
        requireArguments(arguments.length, 2, "removeEventListener");
        type = toDOMString(type);
        callback = toListenerCallback(callback, "removeEventListener");
        const capture = toCapture(options);
        const entry = entryOf(state, type);
        const at = entry === undefined ? -1 : findListener(entry.list, callback, capture);
        if (at >= 0) {
            dropListener(state, entry.list[at]);
        }
    }

    dispatchEvent(event) {
        const state = targetState(this);
        requireArguments(arguments.length, 1, "dispatchEvent");
        const e = peekEvent(event);
        if (e === undefined) {
            throw new TypeError("dispatchEvent: the argument is not an Event");
        }
        if (e.dispatching) {
            throw new DOMException("The event is being dispatched already", "InvalidStateError");
        }
        e.trusted = false;
        return dispatch(targetObject(this), state, event, e, false);
    }
}
defineInterface("EventTarget", EventTarget);

// ---- dispatch ----

function invoke(target, listener, event, e) {
    const { callback, handler } = listener;
    e.passive = listener.passive;
    try {
        if (handler !== null) {
            callHandler(target, handler, event, e);
        } else if (typeof callback === "function") {
            ReflectApply(callback, target, [event]);
        } else {
            const { handleEvent } = callback;
            if (typeof handleEvent !== "function") {
                throw new TypeError("The listener has no handleEvent method");
            }
            ReflectApply(handleEvent, callback, [event]);
        }
    } catch (error) {
        reportException(error);
    }
    e.passive = false;
}

// `checkpoint`: this dispatch came straight from C, so the stack is empty between two listeners and
// microtasks run there (HTML, "clean up after running script").
function walk(target, state, list, event, e, capture, checkpoint, ran) {
    for (let i = 0; i < list.length; i++) {
        const listener = list[i];
        if (listener.removed || listener.capture !== capture) {
            continue;
        }
        if (checkpoint && ran) {
            ops.runMicrotasks();
            if (listener.removed) {
                continue;
            }
        }
        if (listener.once) {
            dropListener(state, listener);
        }
        invoke(target, listener, event, e);
        ran = true;
        if (e.stoppedNow) {
            return ran;
        }
    }
    return ran;
}

function walkAll(target, state, entry, event, e, checkpoint) {
    const { list } = entry;
    e.currentTarget = target;
    entry.walkers++;
    try {
        const ran = walk(target, state, list, event, e, true, checkpoint, false);
        if (!e.stopped) {
            walk(target, state, list, event, e, false, checkpoint, ran);
        }
    } finally {
        if (entry.list === list && entry.walkers > 0) {
            entry.walkers--;
        }
        e.currentTarget = null;
    }
}

function dispatch(target, state, event, e, checkpoint) {
    e.dispatching = true;
    e.target = target;
    const entry = entryOf(state, e.type);
    try {
        if (entry !== undefined && entry.list.length > 0 && !e.stopped) {
            walkAll(target, state, entry, event, e, checkpoint);
        }
    } finally {
        e.dispatching = false;
        e.stopped = false;
        e.stoppedNow = false;
    }
    return !e.canceled;
}

// Fires an event of the glue's own. False when a listener prevented its default.
export function fire(target, event, checkpoint = false) {
    return dispatch(target, targetState(target), event, eventState(event), checkpoint);
}

// ---- event handler attributes ----

function callHandler(target, handler, event, e) {
    const { value } = handler;
    if (typeof value !== "function") {
        return;
    }
    // HTML: only at the global object, and only for an ErrorEvent, five arguments and `true` to prevent.
    const special = handler.isGlobalError && e.kind === ERROR;
    const m = e.more;
    const args = special ? [m.message, m.filename, m.lineno, m.colno, m.error] : [event];
    const result = ReflectApply(value, target, args);
    if (special ? result === true : result === false) {
        cancelEvent(e);
    }
}

export function getHandler(target, type) {
    const { handlers } = targetState(target);
    const handler = handlers === null ? undefined : MapPrototypeGet(handlers, type);
    return handler === undefined ? null : handler.value;
}

// The listener keeps its place in the order as long as the attribute is not null.
export function setHandler(target, type, value) {
    const state = targetState(target);
    value = isObject(value) ? value : null;
    state.handlers ??= new Map();
    let handler = MapPrototypeGet(state.handlers, type);
    if (handler === undefined) {
        const isGlobalError = type === "error" && state === globalState?.state;
        handler = { value: null, listener: null, isGlobalError };
        MapPrototypeSet(state.handlers, type, handler);
    }
    handler.value = value;
    if (value === null && handler.listener !== null) {
        dropListener(state, handler.listener);
        handler.listener = null;
    } else if (value !== null && handler.listener === null) {
        handler.listener = {
            type, callback: null, capture: false, once: false, passive: false, removed: false, handler,
        };
        appendListener(state, handler.listener);
    }
}

// Defines `on<type>` on an object; `owner(this)` gives the target or throws; `assigned`, optional, is told
// of each assignment.
export function defineHandler(object, type, owner, assigned = undefined) {
    ObjectDefineProperty(object, `on${type}`, {
        __proto__: null,
        enumerable: true,
        configurable: true,
        get: {
            get() {
                return getHandler(owner(this), type);
            },
        }.get,
        set: {
            set(value) {
                const target = owner(this);
                setHandler(target, type, value);
                if (assigned !== undefined) {
                    assigned(target);
                }
            },
        }.set,
    });
}
