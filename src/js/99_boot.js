// SPDX-License-Identifier: MIT
// boot(config): called once in each worker after the snapshot is loaded. Returns the table through which
// C calls in; its order is the contract with src/ops.
import { ObjectDefineProperty, globalObject } from "./00_primordials.js";
import { enterTask, runTimer, startTimers } from "./13_timer_queue.js";
import { settle, startRequests } from "./14_async.js";
import {
    deliver, drained, makePort, portClosed, portOfRid, startPorts,
} from "./53_ports.js";
import {
    childClosed, childDrain, childError, childLimit, childOfRid, startWorkers,
} from "./54_worker.js";
import { setColors } from "./61_console.js";
import { globalError, limitReached, rejections, startScope } from "./90_scope.js";
import { newCay } from "./91_cay.js";

function onMessage(rid, value, ports, isError) {
    enterTask();
    const target = rid === 0 ? globalObject : portOfRid(rid) ?? childOfRid(rid);
    if (target !== undefined) {
        deliver(target, value, ports, isError);
    }
}

function onClosed(rid) {
    enterTask();
    portClosed(rid);
}

// A child's error that nobody prevented is an error of this worker too (HTML, "report an exception"),
// without the exception itself, which belongs to another realm.
function childErrorHere(rid, info) {
    return childError(rid, info) || globalError(null, info);
}

function onChild(rid, kind, info) {
    enterTask();
    if (kind === "error") {
        return childErrorHere(rid, info);
    }
    if (kind === "limit") {
        childLimit(rid, info);
        return true;
    }
    if (kind === "drain") {
        childDrain(rid);
        return true;
    }
    const { error } = info;
    const prevented = error !== null && error !== undefined && childErrorHere(rid, error);
    childClosed(rid, info);
    return prevented;
}

function onRejections(list) {
    enterTask();
    rejections(list);
}

function onSettled(id, ok, value) {
    enterTask();
    settle(id, ok, value);
}

function onLimit(limit, max, used, over) {
    enterTask();
    limitReached(limit, max, used, over);
}

function onDrain(rid) {
    enterTask();
    const target = rid === 0 ? globalObject : portOfRid(rid);
    if (target !== undefined) {
        drained(target);
    }
}

export function boot(config) {
    startTimers();
    startRequests();
    startPorts();
    startWorkers(config.url);
    startScope(config);
    setColors(config.colors === true);
    ObjectDefineProperty(globalObject, "cay", {
        __proto__: null,
        value: newCay(config),
        writable: true,
        enumerable: false,
        configurable: true,
    });
    return [
        onMessage, onClosed, runTimer, onChild, globalError, onRejections, makePort, onSettled, onLimit,
        onDrain,
    ];
}
