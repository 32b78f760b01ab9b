// SPDX-License-Identifier: MIT
// The limits that a worker is started with, from the guest's object to the text form of C, and the event
// that tells of one. Nothing is decided here: C parses the text, and refuses what is above the creator's.
import {
    NumberIsInteger, Infinity, ReflectOwnKeys, String, StringPrototypeIndexOf, TypeError, isObject,
} from "./00_primordials.js";
import { requireArguments, toDOMString } from "./10_webidl.js";
import { defineInterface } from "./11_interface.js";
import { Event, FIRST_FREE_KIND, becomeKind, moreOf, newTrustedEvent } from "./21_event.js";

// Member -> [name in C, unit of a number].
const members = {
    __proto__: null,
    memory: ["memory", ""],
    heap: ["heap", ""],
    cpu: ["cpu", "ms"],
    turnCpu: ["turn-cpu", "ms"],
    wall: ["wall", "ms"],
    idle: ["idle", "ms"],
    startup: ["startup", "ms"],
    stack: ["stack", ""],
    queue: ["queue", ""],
    queueBytes: ["queue-bytes", ""],
    ports: ["ports", ""],
    timers: ["timers", ""],
    ops: ["ops", ""],
    workers: ["workers", ""],
    depth: ["depth", ""],
    output: ["output", ""],
    soft: ["soft", ""],
    grace: ["grace", "ms"],
};

// A number of bytes, milliseconds or things; or text with a unit, or "unlimited".
function toText(value, unit, what) {
    if (value === Infinity) {
        return "unlimited";
    }
    if (typeof value === "number" && NumberIsInteger(value) && value >= 0 && value < 9007199254740992) {
        return value + unit;
    }
    if (typeof value === "string" && StringPrototypeIndexOf(value, ";") < 0) {
        return value;
    }
    throw new TypeError(`${what} is neither a whole number nor a text such as "64M" or "200ms"`);
}

// The text form of an object with a member per limit.
export function readLimits(value) {
    if (!isObject(value)) {
        throw new TypeError("Worker: cay.limits is not an object");
    }
    const keys = ReflectOwnKeys(value);
    let text = "";
    for (let i = 0; i < keys.length; i++) {
        const key = keys[i];
        const member = typeof key === "string" ? members[key] : undefined;
        const what = `Worker: cay.limits.${String(key)}`;
        if (member === undefined) {
            throw new TypeError(`${what}: there is no such limit`);
        }
        const given = value[key];
        if (given !== undefined) {
            text += `${text === "" ? "" : ";"}${member[0]}=${toText(given, member[1], what)}`;
        }
    }
    return text;
}

// ---- the event ----

const LIMIT = FIRST_FREE_KIND + 1;

function toNumber(value) {
    return value === undefined ? 0 : +value;
}

export class LimitEvent extends Event {
    constructor(type, init = undefined) {
        requireArguments(arguments.length, 1, "LimitEvent");
        super(type, init);
        const { limit, max, over, used } = init ?? { __proto__: null };
        becomeKind(this, LIMIT, {
            limit: limit === undefined ? "" : toDOMString(limit),
            max: toNumber(max),
            over: !!over,
            used: toNumber(used),
        });
    }
    get limit() {
        return moreOf(this, LIMIT).limit;
    }
    get max() {
        return moreOf(this, LIMIT).max;
    }
    get used() {
        return moreOf(this, LIMIT).used;
    }
    get over() {
        return moreOf(this, LIMIT).over;
    }
}
defineInterface("LimitEvent", LimitEvent, 1);
const LimitEventPrototype = LimitEvent.prototype;

// What C says; a limit that is none is more than a number can tell.
export function newLimitEvent(limit, max, used, over) {
    const more = { limit, max: max > 9007199254740991 ? Infinity : max, used, over };
    return newTrustedEvent(LimitEventPrototype, "limit", LIMIT, more, false);
}
