// SPDX-License-Identifier: MIT
// Timers by number. The guest's functions (50_timers.js) and AbortSignal.timeout share one queue; C
// keeps the time and calls runTimer.
import { ops } from "./00_ops.js";
import {
    Map, MapPrototypeDelete, MapPrototypeGet, MapPrototypeHas, MapPrototypeSet,
} from "./00_primordials.js";
import { callAndReport } from "./12_report.js";

// HTML, "timers": past this depth of timers set by timers, a delay is at least 4 ms.
const NESTING_FREE = 5;
const NESTED_DELAY = 4;

let tasks; // id -> task; made in each worker, so that the snapshot holds no hash table with content
let lastId = 0;
let nesting = 0; // depth of the task that runs now, its microtasks included

export function startTimers() {
    tasks = new Map();
}

// Every entry from C begins a task; only a timer's has a depth.
export function enterTask() {
    nesting = 0;
}

function nextId() {
    do {
        lastId = lastId === 0x7fffffff ? 1 : lastId + 1;
    } while (MapPrototypeHas(tasks, lastId));
    return lastId;
}

// Returns the id; `args` is an array that the callback gets as its arguments.
export function addTimer(callback, delay, repeat, thisArg, args) {
    if (nesting > NESTING_FREE && delay < NESTED_DELAY) {
        delay = NESTED_DELAY;
    }
    const id = nextId();
    ops.setTimer(id, delay, repeat);
    MapPrototypeSet(tasks, id, { callback, delay, repeat, thisArg, args, nesting: nesting + 1 });
    return id;
}

export function removeTimer(id) {
    if (MapPrototypeDelete(tasks, id)) {
        ops.clearTimer(id);
    }
}

// A repeating timer counts as setting itself anew each time.
function deepen(id, task) {
    task.nesting++;
    if (task.nesting > NESTING_FREE && task.delay < NESTED_DELAY) {
        task.delay = NESTED_DELAY;
        ops.clearTimer(id);
        ops.setTimer(id, NESTED_DELAY, true);
    }
}

export function runTimer(id) {
    const task = MapPrototypeGet(tasks, id);
    if (task === undefined) {
        ops.clearTimer(id); // the stack ended between the two halves of addTimer
        return;
    }
    nesting = task.nesting;
    if (task.repeat) {
        deepen(id, task);
    } else {
        MapPrototypeDelete(tasks, id);
    }
    callAndReport(task.callback, task.thisArg, task.args);
}
