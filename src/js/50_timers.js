// SPDX-License-Identifier: MIT
// setTimeout, setInterval, clearTimeout, clearInterval (HTML, "timers").
import { TypeError, globalObject } from "./00_primordials.js";
import { requireArguments } from "./10_webidl.js";
import { addTimer, removeTimer } from "./13_timer_queue.js";

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

export function setTimeout(handler, timeout = 0, ...args) {
    requireArguments(arguments.length, 1, "setTimeout");
    requireFunction(handler, "setTimeout");
    return addTimer(handler, toDelay(timeout), false, globalObject, args);
}

export function setInterval(handler, timeout = 0, ...args) {
    requireArguments(arguments.length, 1, "setInterval");
    requireFunction(handler, "setInterval");
    return addTimer(handler, toDelay(timeout), true, globalObject, args);
}

export function clearTimeout(id = 0) {
    removeTimer(id | 0);
}

export function clearInterval(id = 0) {
    removeTimer(id | 0);
}
