// SPDX-License-Identifier: MIT
// setTimeout, setInterval, clearTimeout, clearInterval (HTML, "timers").
import { TypeError, globalObject } from "./00_primordials.js";
import { requireArguments } from "./10_webidl.js";
import { addTimer, removeTimer } from "./13_timer_queue.js";
import { fromOpError } from "./20_dom_exception.js";

// A string would have to be compiled: code from strings is off.
function requireFunction(handler, what) {
    if (typeof handler !== "function") {
        throw new TypeError(`${what}: the handler is not a function; code from strings is refused`);
    }
}

// Web IDL's `long`, and what is below zero counts as zero.
function toDelay(value) {
    const delay = value | 0;
    return delay < 0 ? 0 : delay;
}

function add(handler, timeout, repeat, args) {
    const delay = toDelay(timeout);
    try {
        return addTimer(handler, delay, repeat, globalObject, args);
    } catch (error) {
        throw fromOpError(error);
    }
}

// Methods, because functions of the platform are not constructors.
export const timers = {
    setTimeout(handler, timeout = 0, ...args) {
        requireArguments(arguments.length, 1, "setTimeout");
        requireFunction(handler, "setTimeout");
        return add(handler, timeout, false, args);
    },
    setInterval(handler, timeout = 0, ...args) {
        requireArguments(arguments.length, 1, "setInterval");
        requireFunction(handler, "setInterval");
        return add(handler, timeout, true, args);
    },
    clearTimeout(id = 0) {
        removeTimer(id | 0);
    },
    clearInterval(id = 0) {
        removeTimer(id | 0);
    },
};
