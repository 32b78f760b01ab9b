// SPDX-License-Identifier: MIT
// cay.env and cay.sys: the environment as it was when the root worker was spawned, and facts about the
// machine. Each needs its permission, and is told at once.
import { ops } from "./00_ops.js";
import { ObjectDefineProperty, ObjectFreeze, TypeError } from "./00_primordials.js";
import { requireArguments, toDOMString } from "./10_webidl.js";
import { toCayError } from "./24_errors.js";

function get(name, what) {
    try {
        return ops.envGet(name);
    } catch (error) {
        throw error.code === "EINVAL" ? new TypeError(`${what}: ${error.message}`) : toCayError(error);
    }
}

export const env = ObjectFreeze({
    get(name) {
        requireArguments(arguments.length, 1, "cay.env.get");
        return get(toDOMString(name), "cay.env.get") ?? undefined;
    },
    has(name) {
        requireArguments(arguments.length, 1, "cay.env.has");
        return get(toDOMString(name), "cay.env.has") !== null;
    },
    // What is granted of it; a copy.
    toObject() {
        const list = ops.envAll();
        const object = {};
        for (let i = 0; i < list.length; i += 2) {
            ObjectDefineProperty(object, list[i], {
                __proto__: null, value: list[i + 1], writable: true, enumerable: true, configurable: true,
            });
        }
        return object;
    },
});

function info(kind) {
    try {
        return ops.sysInfo(kind);
    } catch (error) {
        throw toCayError(error);
    }
}

export const sys = ObjectFreeze({
    hostname() {
        return info("hostname");
    },
    os() {
        const list = info("os");
        return { name: list[0], release: list[1], version: list[2], machine: list[3] };
    },
    cpus() {
        const list = info("cpus");
        return { count: list[0], model: list[1] };
    },
    memory() {
        const list = info("memory");
        return { total: list[0], free: list[1], available: list[2] };
    },
    load() {
        return info("load");
    },
    uptime() {
        return info("uptime");
    },
});
