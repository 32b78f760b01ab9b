// SPDX-License-Identifier: MIT
// DOMException, and how a failed op becomes one.
import {
    Error, ErrorCaptureStackTrace, ErrorPrototype,
    ObjectGetOwnPropertyDescriptor, ObjectPrototypeHasOwnProperty, ObjectSetPrototypeOf, TypeError,
    isObject,
} from "./00_primordials.js";
import { ops } from "./00_ops.js";
import { illegalInvocation, toDOMString } from "./10_webidl.js";
import { defineConstants, defineInterface, newBrand } from "./11_interface.js";

// Names of Web IDL that have a legacy code.
const codes = {
    __proto__: null,
    IndexSizeError: 1,
    HierarchyRequestError: 3,
    WrongDocumentError: 4,
    InvalidCharacterError: 5,
    NoModificationAllowedError: 7,
    NotFoundError: 8,
    NotSupportedError: 9,
    InUseAttributeError: 10,
    InvalidStateError: 11,
    SyntaxError: 12,
    InvalidModificationError: 13,
    NamespaceError: 14,
    InvalidAccessError: 15,
    TypeMismatchError: 17,
    SecurityError: 18,
    NetworkError: 19,
    AbortError: 20,
    URLMismatchError: 21,
    QuotaExceededError: 22,
    TimeoutError: 23,
    InvalidNodeTypeError: 24,
    DataCloneError: 25,
};

const brand = newBrand();

function stateOf(object) {
    const state = brand.state(object);
    if (state === undefined) {
        throw illegalInvocation();
    }
    return state;
}

export class DOMException {
    constructor(message = "", name = "Error") {
        const state = { message: toDOMString(message), name: toDOMString(name) };
        // A real Error underneath: it has a stack, and structured clone carries it as an error. The own
        // `message` stays for that reason.
        const error = new Error(state.message);
        ObjectSetPrototypeOf(error, new.target.prototype);
        brand.stamp(error, state);
        ErrorCaptureStackTrace(error, DOMException);
        return error;
    }
    get name() {
        return stateOf(this).name;
    }
    get message() {
        return stateOf(this).message;
    }
    get code() {
        const { name } = stateOf(this);
        return ObjectPrototypeHasOwnProperty(codes, name) ? codes[name] : 0;
    }
}
ObjectSetPrototypeOf(DOMException.prototype, ErrorPrototype);
defineInterface("DOMException", DOMException);
defineConstants(DOMException, {
    __proto__: null,
    INDEX_SIZE_ERR: 1,
    DOMSTRING_SIZE_ERR: 2,
    HIERARCHY_REQUEST_ERR: 3,
    WRONG_DOCUMENT_ERR: 4,
    INVALID_CHARACTER_ERR: 5,
    NO_DATA_ALLOWED_ERR: 6,
    NO_MODIFICATION_ALLOWED_ERR: 7,
    NOT_FOUND_ERR: 8,
    NOT_SUPPORTED_ERR: 9,
    INUSE_ATTRIBUTE_ERR: 10,
    INVALID_STATE_ERR: 11,
    SYNTAX_ERR: 12,
    INVALID_MODIFICATION_ERR: 13,
    NAMESPACE_ERR: 14,
    INVALID_ACCESS_ERR: 15,
    VALIDATION_ERR: 16,
    TYPE_MISMATCH_ERR: 17,
    SECURITY_ERR: 18,
    NETWORK_ERR: 19,
    ABORT_ERR: 20,
    URL_MISMATCH_ERR: 21,
    QUOTA_EXCEEDED_ERR: 22,
    TIMEOUT_ERR: 23,
    INVALID_NODE_TYPE_ERR: 24,
    DATA_CLONE_ERR: 25,
});

export function isDOMException(value) {
    return brand.state(value) !== undefined;
}

const nameOfCode = {
    __proto__: null,
    ECLONE: "DataCloneError",
    ELIMIT: "QuotaExceededError",
    EAGAIN: "QuotaExceededError",
    ECLOSED: "InvalidStateError",
    EPERM: "SecurityError",
};

// What to throw for what an op threw. An op may also let through what guest code threw inside it (a
// getter read by structured clone): that stays as it is. A guest that dresses its error up as an op's
// own gets the DOMException it asked for; no proxy trap or getter runs here.
export function fromOpError(error) {
    if (!isObject(error) || ops.proxyDetails(error) !== undefined) {
        return error;
    }
    const code = ObjectGetOwnPropertyDescriptor(error, "code")?.value;
    const message = ObjectGetOwnPropertyDescriptor(error, "message")?.value;
    if (typeof code !== "string" || typeof message !== "string") {
        return error;
    }
    if (code === "EINVAL") {
        return new TypeError(message);
    }
    const name = nameOfCode[code];
    return name === undefined ? error : new DOMException(message, name);
}
