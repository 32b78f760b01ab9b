// SPDX-License-Identifier: MIT
// cay.permissions: what this worker may do, and taking some of that away. Nothing is decided here.
import { ops } from "./00_ops.js";
import { ObjectFreeze, ReflectOwnKeys, String, TypeError, isObject } from "./00_primordials.js";
import { requireArguments, toDOMString, toUSVString } from "./10_webidl.js";
import { request, settle } from "./14_async.js";
import { toCayError } from "./24_errors.js";
import { ridOfWorker } from "./54_worker.js";
import { attempt, toOptions, toPath } from "./80_files.js";

// Kind -> the member of a descriptor that narrows it; null: a switch, all or nothing.
const members = {
    __proto__: null, read: "path", write: "path", net: "host", env: "variable", import: "host", sys: "kind",
    eval: null, wasm: null, "shared-memory": null, "fine-clock": null,
};

const states = { __proto__: null, 0: "denied", 1: "granted", 2: "partial" };

function toValue(value, member, what) {
    if (value === undefined) {
        return undefined;
    }
    return member === "path" ? toPath(value, what) : toUSVString(value);
}

// { kind, value }. A member that is misspelt, or of another kind, would widen what is meant to all of the
// kind: it is an error.
function toDescriptor(descriptor, what) {
    if (!isObject(descriptor)) {
        throw new TypeError(`${what}: the descriptor is not an object`);
    }
    const { name } = descriptor;
    if (name === undefined) {
        throw new TypeError(`${what}: the descriptor has no name`);
    }
    const kind = toDOMString(name);
    const member = members[kind];
    if (member === undefined) {
        throw new TypeError(`${what}: there is no permission "${kind}"`);
    }
    const keys = ReflectOwnKeys(descriptor);
    for (let i = 0; i < keys.length; i++) {
        if (keys[i] !== "name" && keys[i] !== member) {
            throw new TypeError(`${what}: a descriptor of "${kind}" has no member "${String(keys[i])}"`);
        }
    }
    const value = member === null
        ? undefined
        : toValue(descriptor[member], member, `${what}: ${member}`);
    return { __proto__: null, kind, value };
}

function toPermissionError(error) {
    return isObject(error) && error.code === "EINVAL" ? new TypeError(error.message) : toCayError(error);
}

function answer(begin) {
    return request((id) => {
        settle(id, true, begin());
    }, toPermissionError, (grant) => ({ state: states[grant] }));
}

export const permissions = ObjectFreeze({
    query(descriptor) {
        const what = "cay.permissions.query";
        return attempt(() => {
            requireArguments(arguments.length, 1, what);
            const { kind, value } = toDescriptor(descriptor, what);
            return answer(() => ops.permQuery(kind, value));
        });
    },
    // From this worker, or from the child `worker`; from all below in any case. Gives what is left.
    revoke(descriptor, options = undefined) {
        const what = "cay.permissions.revoke";
        return attempt(() => {
            requireArguments(arguments.length, 1, what);
            const { kind, value } = toDescriptor(descriptor, what);
            const { worker } = toOptions(options, what);
            const rid = worker === undefined ? 0 : ridOfWorker(worker);
            if (rid === undefined) {
                throw new TypeError(`${what}: worker is not a Worker`);
            }
            // The number of a Worker that has ended is 0, too: it has nothing left.
            const isGone = worker !== undefined && rid === 0;
            return answer(() => (isGone ? 0 : ops.permRevoke(rid, kind, value)));
        });
    },
});
