// SPDX-License-Identifier: MIT
// AbortController and AbortSignal (DOM standard).
import {
    SetPrototypeAdd, SetPrototypeDelete, Set, SymbolIterator, TypeError, WeakRef,
    WeakRefPrototypeDeref, isObject, listPush, newList,
} from "./00_primordials.js";
import {
    illegalConstructor, illegalInvocation, requireArguments, toSequence, toUnsignedLongLongEnforced,
} from "./10_webidl.js";
import { KIND_OTHER, defineInterface, newBrand, newHostObject } from "./11_interface.js";
import { addTimer } from "./13_timer_queue.js";
import { DOMException, fromOpError } from "./20_dom_exception.js";
import { newPlainEvent } from "./21_event.js";
import {
    EventTarget, defineHandler, fire, setSignalAccess, stampTarget,
} from "./22_event_target.js";

// state of a signal: aborted, reason, algorithms (list of { run }, null once removed), removed (how many
// are), sources (list of signals, for a dependent signal), dependents (list of weak references to signals),
// listened (Set of those dependents that have listeners or algorithms and so must live as long as this
// signal, or null), hasListeners, pruneAt

const signalBrand = newBrand();
const controllerBrand = newBrand();

function signalState(object) {
    const state = signalBrand.state(object);
    if (state === undefined) {
        throw illegalInvocation();
    }
    return state;
}

const PRUNE_FROM = 16;

function keepDependent(signal, state) {
    if (state.aborted || state.sources === null) {
        return;
    }
    for (let i = 0; i < state.sources.length; i++) {
        const source = signalState(state.sources[i]);
        source.listened ??= new Set();
        SetPrototypeAdd(source.listened, signal);
    }
}

// The sources need not hold it any more, though it still follows them.
function releaseDependent(signal, state) {
    if (state.sources === null) {
        return;
    }
    for (let i = 0; i < state.sources.length; i++) {
        const source = signalState(state.sources[i]);
        if (source.listened !== null) {
            SetPrototypeDelete(source.listened, signal);
        }
    }
}

function newSignal() {
    const state = {
        aborted: false,
        reason: undefined,
        algorithms: newList(),
        removed: 0,
        sources: null,
        dependents: newList(),
        listened: null,
        hasListeners: false,
        pruneAt: PRUNE_FROM,
    };
    const signal = newHostObject(KIND_OTHER, 0, SignalPrototype);
    stampTarget(signal, () => {
        state.hasListeners = true;
        keepDependent(signal, state);
    });
    return signalBrand.stamp(signal, state);
}

function runAbort(signal, state) {
    const { algorithms } = state;
    state.algorithms = newList();
    for (let i = 0; i < algorithms.length; i++) {
        if (algorithms[i] !== null) {
            algorithms[i].run();
        }
    }
    fire(signal, newPlainEvent("abort"));
    releaseDependent(signal, state);
    state.sources = null;
}

// First every dependent gets its reason, then anything of the guest's runs.
function abortSignal(signal, reason) {
    const state = signalState(signal);
    if (state.aborted) {
        return;
    }
    state.aborted = true;
    state.reason = reason === undefined
        ? new DOMException("The operation was aborted", "AbortError")
        : reason;
    const toRun = newList();
    for (let i = 0; i < state.dependents.length; i++) {
        const dependent = WeakRefPrototypeDeref(state.dependents[i]);
        const d = dependent === undefined ? undefined : signalState(dependent);
        if (d !== undefined && !d.aborted) {
            d.aborted = true;
            d.reason = state.reason;
            listPush(toRun, dependent);
        }
    }
    state.dependents = newList();
    runAbort(signal, state);
    for (let i = 0; i < toRun.length; i++) {
        runAbort(toRun[i], signalState(toRun[i]));
    }
}

// A long-lived source meets any number of short-lived dependents: the dead are swept each time the list
// has doubled.
function addDependent(state, dependent) {
    if (state.dependents.length >= state.pruneAt) {
        const alive = newList();
        for (let i = 0; i < state.dependents.length; i++) {
            if (WeakRefPrototypeDeref(state.dependents[i]) !== undefined) {
                listPush(alive, state.dependents[i]);
            }
        }
        state.dependents = alive;
        state.pruneAt = alive.length < PRUNE_FROM ? PRUNE_FROM : alive.length * 2;
    }
    listPush(state.dependents, new WeakRef(dependent));
}

function toSignals(value) {
    if (!isObject(value)) {
        throw new TypeError("AbortSignal.any: the argument is not iterable");
    }
    return toSequence(value, value[SymbolIterator], "AbortSignal.any", (item) => {
        if (signalBrand.state(item) === undefined) {
            throw new TypeError("AbortSignal.any: an element is not an AbortSignal");
        }
        return item;
    });
}

// A dependent follows the sources of its sources, so that chains stay one step long.
function linkTo(dependent, state, source) {
    const s = signalState(source);
    if (s.sources === null) {
        listPush(state.sources, source);
        addDependent(s, dependent);
        return;
    }
    for (let i = 0; i < s.sources.length; i++) {
        listPush(state.sources, s.sources[i]);
        addDependent(signalState(s.sources[i]), dependent);
    }
}

export class AbortSignal extends EventTarget {
    constructor() {
        throw illegalConstructor();
    }
    static abort(reason = undefined) {
        const signal = newSignal();
        const state = signalState(signal);
        state.aborted = true;
        state.reason = reason === undefined
            ? new DOMException("The operation was aborted", "AbortError")
            : reason;
        return signal;
    }
    static timeout(milliseconds) {
        requireArguments(arguments.length, 1, "AbortSignal.timeout");
        const delay = toUnsignedLongLongEnforced(milliseconds, "AbortSignal.timeout: the delay");
        const signal = newSignal();
        const expire = () => {
            abortSignal(signal, new DOMException("The operation timed out", "TimeoutError"));
        };
        try {
            addTimer(expire, delay, false, undefined, []);
        } catch (error) {
            throw fromOpError(error);
        }
        return signal;
    }
    static any(signals) {
        requireArguments(arguments.length, 1, "AbortSignal.any");
        const list = toSignals(signals);
        const signal = newSignal();
        const state = signalState(signal);
        for (let i = 0; i < list.length; i++) {
            const source = signalState(list[i]);
            if (source.aborted) {
                state.aborted = true;
                state.reason = source.reason;
                return signal;
            }
        }
        state.sources = newList();
        for (let i = 0; i < list.length; i++) {
            linkTo(signal, state, list[i]);
        }
        return signal;
    }
    get aborted() {
        return signalState(this).aborted;
    }
    get reason() {
        return signalState(this).reason;
    }
    throwIfAborted() {
        const state = signalState(this);
        if (state.aborted) {
            throw state.reason;
        }
    }
}
defineHandler(AbortSignal.prototype, "abort", (object) => {
    signalState(object);
    return object;
});
defineInterface("AbortSignal", AbortSignal);
const SignalPrototype = AbortSignal.prototype;

export class AbortController {
    constructor() {
        const controller = newHostObject(KIND_OTHER, 0, new.target.prototype);
        return controllerBrand.stamp(controller, { signal: newSignal() });
    }
    get signal() {
        return controllerState(this).signal;
    }
    abort(reason = undefined) {
        abortSignal(controllerState(this).signal, reason);
    }
}
defineInterface("AbortController", AbortController);

function controllerState(object) {
    const state = controllerBrand.state(object);
    if (state === undefined) {
        throw illegalInvocation();
    }
    return state;
}

// ---- for the rest of the glue ----

export function isAbortSignal(value) {
    return signalBrand.state(value) !== undefined;
}

export function isAborted(signal) {
    return signalState(signal).aborted;
}

export function abortReason(signal) {
    return signalState(signal).reason;
}

// Runs f when the signal is aborted, before its event. Gives what removeAbortAlgorithm takes.
export function addAbortAlgorithm(signal, f) {
    const state = signalState(signal);
    const algorithm = { run: f };
    listPush(state.algorithms, algorithm);
    keepDependent(signal, state);
    return algorithm;
}

// A long-lived signal serves any number of operations: the places of those that are over are swept each time
// they are half of all.
export function removeAbortAlgorithm(signal, algorithm) {
    const state = signalState(signal);
    const { algorithms } = state;
    for (let i = 0; i < algorithms.length; i++) {
        if (algorithms[i] === algorithm) {
            algorithms[i] = null;
            state.removed++;
            break;
        }
    }
    if (state.removed * 2 > algorithms.length) {
        state.algorithms = newList();
        state.removed = 0;
        for (let i = 0; i < algorithms.length; i++) {
            if (algorithms[i] !== null) {
                listPush(state.algorithms, algorithms[i]);
            }
        }
        if (state.algorithms.length === 0 && !state.hasListeners) {
            releaseDependent(signal, state);
        }
    }
}

// A signal that follows another; null: one that nothing aborts.
export function newFollowingSignal(source) {
    const signal = newSignal();
    if (source === null) {
        return signal;
    }
    const state = signalState(signal);
    const s = signalState(source);
    if (s.aborted) {
        state.aborted = true;
        state.reason = s.reason;
    } else {
        state.sources = newList();
        linkTo(signal, state, source);
    }
    return signal;
}

// What addEventListener needs of a signal.
setSignalAccess((value) => {
    const state = signalBrand.state(value);
    return state === undefined
        ? undefined
        : { aborted: state.aborted, onAbort: (f) => addAbortAlgorithm(value, f) };
});
