// SPDX-License-Identifier: MIT
// MessagePort, MessageChannel, structuredClone (HTML, "channel messaging").
//
// A port is an object with native internals that hold its resource id; C makes the id. Once moved or
// closed a port is inert: its id is forgotten here and everything on it does nothing.
import { ops } from "./00_ops.js";
import {
    Map, MapPrototypeDelete, MapPrototypeGet, MapPrototypeSet,
} from "./00_primordials.js";
import {
    illegalConstructor, illegalInvocation, requireArguments, toTransferList,
} from "./10_webidl.js";
import {
    KIND_OTHER, KIND_PORT, defineInterface, newBrand, newHostObject,
} from "./11_interface.js";
import { DOMException, fromOpError } from "./20_dom_exception.js";
import { newMessageEvent, newPlainEvent } from "./21_event.js";
import { EventTarget, defineHandler, fire, stampTarget } from "./22_event_target.js";

const portBrand = newBrand();
const channelBrand = newBrand();
let ports; // rid -> MessagePort, of all that are neither moved nor closed

export function startPorts() {
    ports = new Map();
}

export function portOfRid(rid) {
    return MapPrototypeGet(ports, rid);
}

function portState(object) {
    const state = portBrand.state(object);
    if (state === undefined) {
        throw illegalInvocation();
    }
    return state;
}

function forget(state) {
    MapPrototypeDelete(ports, state.rid);
    state.rid = 0;
}

// What C is about to move must still be there, and must not be the port that it would travel through.
function checkTransfer(list, through) {
    for (let i = 0; i < list.length; i++) {
        const state = portBrand.state(list[i]);
        if (state === undefined) {
            continue;
        }
        if (list[i] === through) {
            throw new DOMException("A port cannot be sent through itself", "DataCloneError");
        }
        if (state.rid === 0) {
            throw new DOMException("A port in the transfer list is detached", "DataCloneError");
        }
    }
}

// `rids` is C's array, or undefined when no port moved.
function forgetMoved(rids) {
    if (rids === undefined) {
        return;
    }
    for (let i = 0; i < rids.length; i++) {
        const port = MapPrototypeGet(ports, rids[i]);
        if (port !== undefined) {
            forget(portState(port));
        }
    }
}

// Posts through the resource `rid`; `through` is the port itself where there is one.
export function post(rid, message, transfer, through) {
    if (transfer !== undefined) {
        checkTransfer(transfer, through);
    }
    let moved;
    try {
        moved = ops.post(rid, message, transfer);
    } catch (error) {
        throw fromOpError(error);
    }
    forgetMoved(moved);
}

// For C while it decodes a message: runs no guest code.
export function makePort(rid) {
    const port = newHostObject(KIND_PORT, rid, PortPrototype);
    stampTarget(port);
    portBrand.stamp(port, { rid, started: false });
    MapPrototypeSet(ports, rid, port);
    return port;
}

function start(state) {
    if (state.rid !== 0 && !state.started) {
        ops.startPort(state.rid); // first, as everywhere: it may throw when the stack is at its end
        state.started = true;
    }
}

export class MessagePort extends EventTarget {
    constructor() {
        throw illegalConstructor();
    }
    postMessage(message, options = undefined) {
        const state = portState(this);
        requireArguments(arguments.length, 1, "MessagePort.postMessage");
        const transfer = toTransferList(options, true, "MessagePort.postMessage: the second argument");
        if (state.rid !== 0) {
            post(state.rid, message, transfer, this);
        }
    }
    start() {
        start(portState(this));
    }
    close() {
        const state = portState(this);
        if (state.rid !== 0) {
            ops.closePort(state.rid);
            forget(state);
        }
    }
}

function portOwner(object) {
    portState(object);
    return object;
}

// Setting onmessage starts the port; addEventListener does not (HTML).
defineHandler(MessagePort.prototype, "message", portOwner, (port) => start(portState(port)));
defineHandler(MessagePort.prototype, "messageerror", portOwner);
defineHandler(MessagePort.prototype, "close", portOwner);
defineHandler(MessagePort.prototype, "drain", portOwner);
defineInterface("MessagePort", MessagePort);
const PortPrototype = MessagePort.prototype;

// The other end is gone.
export function portClosed(rid) {
    const port = MapPrototypeGet(ports, rid);
    if (port !== undefined) {
        forget(portState(port));
        fire(port, newPlainEvent("close"), true);
    }
}

// There is room again for a message that was refused.
export function drained(target) {
    fire(target, newPlainEvent("drain"), true);
}

// A message for whatever object stands for the resource.
export function deliver(target, value, received, isError) {
    const event = isError
        ? newMessageEvent("messageerror", null, undefined)
        : newMessageEvent("message", value, received);
    fire(target, event, true);
}

function channelState(object) {
    const state = channelBrand.state(object);
    if (state === undefined) {
        throw illegalInvocation();
    }
    return state;
}

function newChannel() {
    try {
        return ops.channel();
    } catch (error) {
        throw fromOpError(error);
    }
}

export class MessageChannel {
    constructor() {
        const object = newHostObject(KIND_OTHER, 0, new.target.prototype);
        const rids = newChannel();
        const state = { port1: makePort(rids[0]), port2: makePort(rids[1]) };
        return channelBrand.stamp(object, state);
    }
    get port1() {
        return channelState(this).port1;
    }
    get port2() {
        return channelState(this).port2;
    }
}
defineInterface("MessageChannel", MessageChannel);

export const cloning = {
    structuredClone(value, options = undefined) {
        requireArguments(arguments.length, 1, "structuredClone");
        const transfer = toTransferList(options, false, "structuredClone: the second argument");
        if (transfer !== undefined) {
            checkTransfer(transfer, undefined);
        }
        let result;
        try {
            result = ops.structuredClone(value, transfer);
        } catch (error) {
            throw fromOpError(error);
        }
        forgetMoved(result[1]);
        return result[0];
    },
};
