// SPDX-License-Identifier: MIT
// Event and its kinds (DOM and HTML standards). How they travel is in 22_event_target.js.
import { ops } from "./00_ops.js";
import {
    ObjectCreate, ObjectFreeze, SymbolIterator, TypeError, isObject, listToArray,
} from "./00_primordials.js";
import {
    illegalInvocation, requireArguments, toDOMString, toDictionary, toSequence,
} from "./10_webidl.js";
import { defineConstants, defineInterface, newBrand } from "./11_interface.js";

const NONE = 0;
const AT_TARGET = 2;

// ---- Event ----

// Which interface an event is of. Its state is one record for all of them, so that an event that the glue
// makes costs two small objects: the flood of messages comes through here.
const EVENT = 0;
const CUSTOM = 1;
const MESSAGE = 2;
export const ERROR = 3;
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

// The state of what may be no event: then undefined.
export function peekEvent(value) {
    return eventBrand.state(value);
}

export function eventState(event) {
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

export function cancelEvent(state) {
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
            cancelEvent(state);
        }
    }
    preventDefault() {
        cancelEvent(eventState(this));
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
