// SPDX-License-Identifier: MIT
// Event and its kinds, EventTarget, event handler attributes (DOM and HTML standards).
//
// Nothing here has a parent in an event path, so dispatch is: the target's capturing listeners, then the
// others. Listener lists are copied before a change only while a dispatch walks them.
import { ops } from "./00_ops.js";
import {
    Map, MapPrototypeGet, MapPrototypeSet, ObjectCreate,
    ObjectDefineProperty, ObjectFreeze,
    ReflectApply, SymbolIterator, TypeError, isObject, listCopy, listPush, listRemoveAt, listToArray,
    newList,
} from "./00_primordials.js";
import {
    illegalInvocation, requireArguments, toDOMString, toDictionary, toSequence,
} from "./10_webidl.js";
import {
    KIND_OTHER, defineConstants, defineInterface, newBrand, newHostObject,
} from "./11_interface.js";
import { reportException } from "./12_report.js";
import { DOMException } from "./20_dom_exception.js";

const NONE = 0;
const AT_TARGET = 2;

// ---- Event ----

// Which interface an event is of. Its state is one record for all of them, so that an event that the glue
// makes costs two small objects: the flood of messages comes through here.
const EVENT = 0;
const CUSTOM = 1;
const MESSAGE = 2;
const ERROR = 3;
const REJECTION = 4;
export const FIRST_FREE_KIND = 5;

const eventBrand = newBrand();

function newEventState(type, trusted, kind, more) {
    return {
        type,
        kind,
        more, // what the kind adds
        trusted,
        bubbles: false,
        cancelable: false,
        composed: false,
        target: null,
        currentTarget: null,
        stopped: false,
        stoppedNow: false,
        canceled: false,
        passive: false,
        dispatching: false,
        timeStamp: ops.now(),
    };
}

function eventState(event) {
    const state = eventBrand.state(event);
    if (state === undefined) {
        throw illegalInvocation();
    }
    return state;
}

// What an event of the given kind has besides.
export function moreOf(event, kind) {
    const state = eventBrand.state(event);
    if (state === undefined || state.kind !== kind) {
        throw illegalInvocation();
    }
    return state.more;
}

// Makes an event without running a constructor: a guest can change what `super` means.
export function newTrustedEvent(prototype, type, kind, more, cancelable) {
    const state = newEventState(type, true, kind, more);
    state.cancelable = cancelable;
    return eventBrand.stamp(ObjectCreate(prototype), state);
}

// The end of a derived constructor: `this` is now of the given kind.
export function becomeKind(event, kind, more) {
    const state = eventState(event);
    state.kind = kind;
    state.more = more;
}

function cancel(state) {
    if (state.cancelable && !state.passive) {
        state.canceled = true;
    }
}

function reinit(state, type, bubbles, cancelable) {
    if (state.dispatching) {
        return false;
    }
    state.type = type;
    state.bubbles = bubbles;
    state.cancelable = cancelable;
    state.target = null;
    state.trusted = false;
    state.stopped = false;
    state.stoppedNow = false;
    state.canceled = false;
    return true;
}

export class Event {
    constructor(type, init = undefined) {
        requireArguments(arguments.length, 1, "Event");
        const state = newEventState(toDOMString(type), false, EVENT, null);
        const options = toDictionary(init, "Event: the second argument");
        if (options !== null) {
            state.bubbles = !!options.bubbles;
            state.cancelable = !!options.cancelable;
            state.composed = !!options.composed;
        }
        eventBrand.stamp(this, state);
    }
    get type() {
        return eventState(this).type;
    }
    get target() {
        return eventState(this).target;
    }
    get srcElement() {
        return eventState(this).target;
    }
    get currentTarget() {
        return eventState(this).currentTarget;
    }
    composedPath() {
        const { currentTarget } = eventState(this);
        return currentTarget === null ? [] : [currentTarget];
    }
    get eventPhase() {
        return eventState(this).currentTarget === null ? NONE : AT_TARGET;
    }
    stopPropagation() {
        eventState(this).stopped = true;
    }
    get cancelBubble() {
        return eventState(this).stopped;
    }
    set cancelBubble(value) {
        const state = eventState(this);
        if (value) {
            state.stopped = true;
        }
    }
    stopImmediatePropagation() {
        const state = eventState(this);
        state.stopped = true;
        state.stoppedNow = true;
    }
    get bubbles() {
        return eventState(this).bubbles;
    }
    get cancelable() {
        return eventState(this).cancelable;
    }
    get returnValue() {
        return !eventState(this).canceled;
    }
    set returnValue(value) {
        const state = eventState(this);
        if (!value) {
            cancel(state);
        }
    }
    preventDefault() {
        cancel(eventState(this));
    }
    get defaultPrevented() {
        return eventState(this).canceled;
    }
    get composed() {
        return eventState(this).composed;
    }
    get isTrusted() {
        return eventState(this).trusted;
    }
    get timeStamp() {
        return eventState(this).timeStamp;
    }
    initEvent(type, bubbles = false, cancelable = false) {
        const state = eventState(this);
        requireArguments(arguments.length, 1, "Event.initEvent");
        reinit(state, toDOMString(type), !!bubbles, !!cancelable);
    }
}
defineInterface("Event", Event, 1);
defineConstants(Event, {
    __proto__: null,
    NONE: 0,
    CAPTURING_PHASE: 1,
    AT_TARGET: 2,
    BUBBLING_PHASE: 3,
});
const EventPrototype = Event.prototype;

export function newPlainEvent(type) {
    return newTrustedEvent(EventPrototype, type, EVENT, null, false);
}

// ---- kinds of events ----

export class CustomEvent extends Event {
    constructor(type, init = undefined) {
        requireArguments(arguments.length, 1, "CustomEvent");
        super(type, init);
        const detail = init?.detail;
        becomeKind(this, CUSTOM, { detail: detail === undefined ? null : detail });
    }
    get detail() {
        return moreOf(this, CUSTOM).detail;
    }
    initCustomEvent(type, bubbles = false, cancelable = false, detail = null) {
        const more = moreOf(this, CUSTOM);
        requireArguments(arguments.length, 1, "CustomEvent.initCustomEvent");
        if (reinit(eventState(this), toDOMString(type), !!bubbles, !!cancelable)) {
            more.detail = detail;
        }
    }
}
defineInterface("CustomEvent", CustomEvent, 1);

const NO_PORTS = ObjectFreeze([]);
const NO_MEMBERS = ObjectFreeze({ __proto__: null });

// Web IDL's frozen array from what the guest gave.
function toFrozenPorts(value) {
    if (!isObject(value)) {
        throw new TypeError("MessageEvent: ports is not iterable");
    }
    const list = toSequence(value, value[SymbolIterator], "MessageEvent: ports", (port) => port);
    return ObjectFreeze(listToArray(list));
}

export class MessageEvent extends Event {
    constructor(type, init = undefined) {
        requireArguments(arguments.length, 1, "MessageEvent");
        super(type, init);
        // Members of a dictionary are read in the order of their names.
        const { data, lastEventId, origin, ports, source } = init ?? NO_MEMBERS;
        becomeKind(this, MESSAGE, {
            data: data === undefined ? null : data,
            lastEventId: lastEventId === undefined ? "" : toDOMString(lastEventId),
            origin: origin === undefined ? "" : toDOMString(origin),
            ports: ports === undefined ? NO_PORTS : toFrozenPorts(ports),
            source: source === undefined ? null : source,
        });
    }
    get data() {
        return moreOf(this, MESSAGE).data;
    }
    get origin() {
        return moreOf(this, MESSAGE).origin;
    }
    get lastEventId() {
        return moreOf(this, MESSAGE).lastEventId;
    }
    get source() {
        return moreOf(this, MESSAGE).source;
    }
    get ports() {
        return moreOf(this, MESSAGE).ports;
    }
}
defineInterface("MessageEvent", MessageEvent, 1);
const MessageEventPrototype = MessageEvent.prototype;

// `ports` is an array of C's making, or undefined.
export function newMessageEvent(type, data, ports) {
    const some = ports !== undefined && ports.length > 0;
    const more = {
        data,
        lastEventId: "",
        origin: "",
        ports: some ? ObjectFreeze(ports) : NO_PORTS,
        source: null,
    };
    return newTrustedEvent(MessageEventPrototype, type, MESSAGE, more, false);
}

export class ErrorEvent extends Event {
    constructor(type, init = undefined) {
        requireArguments(arguments.length, 1, "ErrorEvent");
        super(type, init);
        const { colno, error, filename, lineno, message } = init ?? NO_MEMBERS;
        becomeKind(this, ERROR, {
            colno: colno === undefined ? 0 : colno >>> 0,
            error,
            filename: filename === undefined ? "" : toDOMString(filename),
            lineno: lineno === undefined ? 0 : lineno >>> 0,
            message: message === undefined ? "" : toDOMString(message),
        });
    }
    get message() {
        return moreOf(this, ERROR).message;
    }
    get filename() {
        return moreOf(this, ERROR).filename;
    }
    get lineno() {
        return moreOf(this, ERROR).lineno;
    }
    get colno() {
        return moreOf(this, ERROR).colno;
    }
    get error() {
        return moreOf(this, ERROR).error;
    }
}
defineInterface("ErrorEvent", ErrorEvent, 1);
const ErrorEventPrototype = ErrorEvent.prototype;

function textOr(value, otherwise) {
    return typeof value === "string" ? value : otherwise;
}

// `info` is C's: { message, filename, lineno, colno }, each of which may be missing.
export function newErrorEvent(info, error) {
    const more = {
        colno: info.colno >>> 0,
        error,
        filename: textOr(info.filename, ""),
        lineno: info.lineno >>> 0,
        message: textOr(info.message, ""),
    };
    return newTrustedEvent(ErrorEventPrototype, "error", ERROR, more, true);
}

export class PromiseRejectionEvent extends Event {
    constructor(type, init) {
        requireArguments(arguments.length, 2, "PromiseRejectionEvent");
        super(type, init);
        const { promise, reason } = init ?? NO_MEMBERS;
        if (!isObject(promise)) {
            throw new TypeError("PromiseRejectionEvent: promise is required, and an object");
        }
        becomeKind(this, REJECTION, { promise, reason });
    }
    get promise() {
        return moreOf(this, REJECTION).promise;
    }
    get reason() {
        return moreOf(this, REJECTION).reason;
    }
}
defineInterface("PromiseRejectionEvent", PromiseRejectionEvent, 2);
const RejectionEventPrototype = PromiseRejectionEvent.prototype;

export function newRejectionEvent(type, promise, reason, cancelable) {
    const more = { promise, reason };
    return newTrustedEvent(RejectionEventPrototype, type, REJECTION, more, cancelable);
}

// ---- EventTarget ----

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

// Set by 22_abort.js, which stands above: (signal) => handle with { aborted, onAbort(f) }.
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
        const e = eventBrand.state(event);
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
        cancel(e);
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
