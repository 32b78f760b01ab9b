// SPDX-License-Identifier: MIT
// cay.errors: what operations of cay's own API fail with. Each class has its name as `name` and `code`.
import {
    Error, ErrorCaptureStackTrace, ErrorPrototype, ObjectDefineProperty, ObjectFreeze,
    ObjectGetOwnPropertyDescriptor, ObjectSetPrototypeOf, ReflectOwnKeys, isObject,
} from "./00_primordials.js";
import { ops } from "./00_ops.js";
import { toDOMString } from "./10_webidl.js";

// Name of C's code -> class.
const names = {
    __proto__: null,
    EINVAL: "InvalidArgument",
    ENOMEM: "OutOfMemory",
    EAGAIN: "LimitReached",
    ETIMEDOUT: "TimedOut",
    ECLOSED: "Closed",
    EBUSY: "Busy",
    ENOTFOUND: "NotFound",
    EPERM: "NotCapable",
    ENOTSUP: "NotSupported",
    ELIMIT: "LimitReached",
    EFORMAT: "InvalidData",
    EIO: "IoError",
    EEXIST: "AlreadyExists",
    ENOTDIR: "NotADirectory",
    EISDIR: "IsADirectory",
    ENOTEMPTY: "NotEmpty",
    ENOSPC: "NoSpace",
    EACCES: "PermissionDenied",
    ENET: "NetworkError",
    ETERMINATED: "Interrupted",
};

function define(object, key, value) {
    ObjectDefineProperty(object, key, {
        __proto__: null, value, writable: true, enumerable: false, configurable: true,
    });
}

function newErrorClass(name) {
    function CayError(message = "") {
        const error = new Error(toDOMString(message));
        const prototype = new.target === undefined ? CayError.prototype : new.target.prototype;
        ObjectSetPrototypeOf(error, prototype);
        define(error, "code", name);
        ErrorCaptureStackTrace(error, CayError);
        return error;
    }
    ObjectDefineProperty(CayError, "name", { __proto__: null, value: name, configurable: true });
    ObjectSetPrototypeOf(CayError.prototype, ErrorPrototype);
    define(CayError.prototype, "name", name);
    return CayError;
}

const classes = { __proto__: null };
const exposed = {};
const codes = ReflectOwnKeys(names);
for (let i = 0; i < codes.length; i++) {
    const code = codes[i];
    const name = names[code];
    exposed[name] ??= newErrorClass(name);
    classes[code] = exposed[name];
}
export const errors = ObjectFreeze(exposed);

// An error that the glue makes shows where the guest was, not the way through the glue.
export function withGuestStack(error) {
    define(error, "stack", `${error.name}: ${error.message}${ops.guestStack()}`);
    return error;
}

export function newError(code, message) {
    const CayError = classes[code] ?? classes.EIO;
    return withGuestStack(new CayError(message));
}

// The error for what an op threw or settled with: { code, message }. What is none of ours (a guest's own
// error that passed through) stays as it is.
export function toCayError(error) {
    if (!isObject(error) || ops.proxyDetails(error) !== undefined) {
        return error;
    }
    const code = ObjectGetOwnPropertyDescriptor(error, "code")?.value;
    const message = ObjectGetOwnPropertyDescriptor(error, "message")?.value;
    return typeof code === "string" && typeof message === "string" && classes[code] !== undefined
        ? newError(code, message)
        : error;
}
