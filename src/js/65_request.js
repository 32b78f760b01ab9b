// SPDX-License-Identifier: MIT
// Request (Fetch standard).
//
// A request is one record; fetch() with a string makes the record alone, without an object around it. Its
// `headers` are a state of 63_headers.js, or null while there are none; `signal` is the guest's own, null for
// none, and the one that the interface shows follows it, made when somebody asks.
import { ops } from "./00_ops.js";
import {
    RegExpPrototypeExec, StringPrototypeToUpperCase, TypeError,
} from "./00_primordials.js";
import {
    illegalInvocation, requireArguments, toDOMString, toDictionary, toEnum, toUSVString,
} from "./10_webidl.js";
import { KIND_OTHER, defineInterface, newBrand, newHostObject } from "./11_interface.js";
import { isAbortSignal, newFollowingSignal } from "./23_abort.js";
import {
    GUARD_REQUEST, addHeader, copyHeaderState, fillHeaders, headerValue, isToken, newHeaderState, newHeaders,
    toByteString, toHeaderPairs,
} from "./63_headers.js";
import {
    cloneBody, extractBody, installBody, isStreamInit, isUnusable, takeBody, toBodyInit,
} from "./64_body.js";

const brand = newBrand();
let baseUrl = "";

export function startRequestObjects(url) {
    baseUrl = url;
}

function stateOf(object) {
    const state = brand.state(object);
    if (state === undefined) {
        throw illegalInvocation();
    }
    return state;
}

// ---- what C says of a URL ----

const NO_URL = 0;
const HAS_CREDENTIALS = 1;

function toUrl(input, what) {
    const url = ops.fetchUrl(input, baseUrl);
    if (url === NO_URL) {
        throw new TypeError(`${what}: the URL cannot be parsed`);
    }
    if (url === HAS_CREDENTIALS) {
        throw new TypeError(`${what}: a URL with credentials; use the Authorization header`);
    }
    return url;
}

// ---- RequestInit ----

// In a worker without cookies, without a cache and of no origin, these mean nothing, except where told below;
// they are checked and shown.
const caches = {
    __proto__: null, default: true, "no-store": true, reload: true, "no-cache": true, "force-cache": true,
    "only-if-cached": true,
};
const credentials = { __proto__: null, omit: true, "same-origin": true, include: true };
const modes = { __proto__: null, navigate: true, "same-origin": true, "no-cors": true, cors: true };
const redirects = { __proto__: null, follow: true, error: true, manual: true };
const duplexes = { __proto__: null, half: true };
const priorities = { __proto__: null, high: true, low: true, auto: true };
const policies = {
    __proto__: null, "": true, "no-referrer": true, "no-referrer-when-downgrade": true, "same-origin": true,
    origin: true, "strict-origin": true, "origin-when-cross-origin": true,
    "strict-origin-when-cross-origin": true, "unsafe-url": true,
};

function toOptionalEnum(value, values, what) {
    return value === undefined ? undefined : toEnum(value, values, what);
}

function toSignal(value, what) {
    if (value !== null && !isAbortSignal(value)) {
        throw new TypeError(`${what}: signal is not an AbortSignal`);
    }
    return value;
}

// Each member once, in alphabetical order (Web IDL); undefined where it was not given. Null: no init at all.
function toInit(value, what) {
    const init = toDictionary(value, `${what}: the second argument`);
    if (init === null) {
        return null;
    }
    const body = init.body;
    const given = { __proto__: null };
    given.body = body === undefined || body === null ? body : toBodyInit(body);
    given.cache = toOptionalEnum(init.cache, caches, `${what}: cache`);
    given.credentials = toOptionalEnum(init.credentials, credentials, `${what}: credentials`);
    given.duplex = toOptionalEnum(init.duplex, duplexes, `${what}: duplex`);
    const headers = init.headers;
    given.headers = headers === undefined ? undefined : toHeaderPairs(headers, `${what}: headers`);
    const integrity = init.integrity;
    given.integrity = integrity === undefined ? undefined : toDOMString(integrity);
    const keepalive = init.keepalive;
    given.keepalive = keepalive === undefined ? undefined : !!keepalive;
    const method = init.method;
    given.method = method === undefined ? undefined : toByteString(method, `${what}: method`);
    given.mode = toOptionalEnum(init.mode, modes, `${what}: mode`);
    toOptionalEnum(init.priority, priorities, `${what}: priority`);
    given.redirect = toOptionalEnum(init.redirect, redirects, `${what}: redirect`);
    const referrer = init.referrer;
    given.referrer = referrer === undefined ? undefined : toUSVString(referrer);
    given.referrerPolicy = toOptionalEnum(init.referrerPolicy, policies, `${what}: referrerPolicy`);
    const signal = init.signal;
    given.signal = signal === undefined ? undefined : toSignal(signal, what);
    const window = init.window;
    if (window !== undefined && window !== null) {
        throw new TypeError(`${what}: window can only be null`);
    }
    return given;
}

const forbiddenMethod = /^(?:CONNECT|TRACE|TRACK)$/;
const knownMethod = /^(?:DELETE|GET|HEAD|OPTIONS|POST|PUT)$/;

function toMethod(method, what) {
    if (!isToken(method)) {
        throw new TypeError(`${what}: the method is not an HTTP token`);
    }
    const upper = StringPrototypeToUpperCase(method);
    if (RegExpPrototypeExec(forbiddenMethod, upper) !== null) {
        throw new TypeError(`${what}: the method ${upper} is not allowed`);
    }
    return RegExpPrototypeExec(knownMethod, upper) === null ? method : upper;
}

// ---- records ----

function newRecord(url) {
    return {
        __proto__: null,
        method: "GET",
        url,
        headers: null,
        headersObject: null,
        body: null,
        redirect: "follow",
        mode: "cors",
        credentials: "same-origin",
        cache: "default",
        referrer: "about:client",
        referrerPolicy: "",
        integrity: "",
        keepalive: false,
        signal: null,
        signalObject: null,
    };
}

function copyRecord(from) {
    const record = newRecord(from.url);
    record.method = from.method;
    record.redirect = from.redirect;
    record.mode = from.mode;
    record.credentials = from.credentials;
    record.cache = from.cache;
    record.referrer = from.referrer;
    record.referrerPolicy = from.referrerPolicy;
    record.integrity = from.integrity;
    record.keepalive = from.keepalive;
    record.signal = from.signal;
    if (from.headers !== null) {
        record.headers = copyHeaderState(from.headers, GUARD_REQUEST);
    }
    return record;
}

function applyReferrer(record, referrer, what) {
    if (referrer === undefined || referrer === "") {
        record.referrer = referrer ?? "about:client";
        return;
    }
    // Of no origin, every referrer but the client itself is another's.
    toUrl(referrer, `${what}: referrer`);
    record.referrer = "about:client";
}

function applyInit(record, given, what) {
    if (given.mode === "navigate") {
        throw new TypeError(`${what}: mode cannot be "navigate"`);
    }
    applyReferrer(record, given.referrer, what);
    record.referrerPolicy = given.referrerPolicy ?? "";
    record.mode = given.mode ?? record.mode;
    record.credentials = given.credentials ?? record.credentials;
    record.cache = given.cache ?? record.cache;
    if (record.cache === "only-if-cached" && record.mode !== "same-origin") {
        throw new TypeError(`${what}: cache "only-if-cached" needs mode "same-origin"`);
    }
    record.redirect = given.redirect ?? record.redirect;
    record.integrity = given.integrity ?? record.integrity;
    record.keepalive = given.keepalive ?? record.keepalive;
    if (given.method !== undefined) {
        record.method = toMethod(given.method, what);
    }
    if (given.signal !== undefined) {
        record.signal = given.signal;
    }
    if (given.headers !== undefined) {
        record.headers = newHeaderState(GUARD_REQUEST);
        fillHeaders(record.headers, given.headers, what);
    }
}

function applyBody(record, given, what) {
    if (isStreamInit(given.body) && given.duplex === undefined) {
        throw new TypeError(`${what}: a stream as body needs duplex: "half"`);
    }
    const { body, type } = extractBody(given.body, `${what}: body`);
    record.body = body;
    if (type !== null) {
        record.headers ??= newHeaderState(GUARD_REQUEST);
        if (headerValue(record.headers, "content-type") === null) {
            addHeader(record.headers, "Content-Type", type);
        }
    }
}

// The record of `new Request(input, init)`.
export function toRequestRecord(input, init, what) {
    const from = brand.state(input);
    const text = from === undefined ? toUSVString(input) : "";
    const given = toInit(init, what);
    const record = from === undefined ? newRecord(toUrl(text, what)) : copyRecord(from);
    if (given !== null) {
        applyInit(record, given, what);
    }
    const newContent = given !== null && given.body !== undefined && given.body !== null;
    const oldContent = from !== undefined && from.body !== null;
    if ((newContent || oldContent) && (record.method === "GET" || record.method === "HEAD")) {
        throw new TypeError(`${what}: a request with method ${record.method} has no body`);
    }
    if (newContent) {
        applyBody(record, given, what);
    } else if (oldContent) {
        if (isUnusable(from.body)) {
            throw new TypeError(`${what}: the body of the request was used already`);
        }
        record.body = takeBody(from.body);
    }
    return record;
}

// ---- the interface ----

function headersOf(record) {
    record.headers ??= newHeaderState(GUARD_REQUEST);
    return record.headers;
}

function signalOf(record) {
    record.signalObject ??= newFollowingSignal(record.signal);
    return record.signalObject;
}

export class Request {
    constructor(input, init = undefined) {
        requireArguments(arguments.length, 1, "Request");
        const record = toRequestRecord(input, init, "Request");
        return brand.stamp(newHostObject(KIND_OTHER, 0, new.target.prototype), record);
    }
    get method() {
        return stateOf(this).method;
    }
    get url() {
        return stateOf(this).url;
    }
    get headers() {
        const record = stateOf(this);
        record.headersObject ??= newHeaders(headersOf(record));
        return record.headersObject;
    }
    get destination() {
        stateOf(this);
        return "";
    }
    get referrer() {
        return stateOf(this).referrer;
    }
    get referrerPolicy() {
        return stateOf(this).referrerPolicy;
    }
    get mode() {
        return stateOf(this).mode;
    }
    get credentials() {
        return stateOf(this).credentials;
    }
    get cache() {
        return stateOf(this).cache;
    }
    get redirect() {
        return stateOf(this).redirect;
    }
    get integrity() {
        return stateOf(this).integrity;
    }
    get keepalive() {
        return stateOf(this).keepalive;
    }
    get signal() {
        return signalOf(stateOf(this));
    }
    get duplex() {
        stateOf(this);
        return "half";
    }
    clone() {
        const record = stateOf(this);
        if (isUnusable(record.body)) {
            throw new TypeError("Request.clone: the body was used already, or its stream is locked");
        }
        const copy = copyRecord(record);
        copy.body = record.body === null ? null : cloneBody(record.body);
        return brand.stamp(newHostObject(KIND_OTHER, 0, RequestPrototype), copy);
    }
}
installBody(Request.prototype, (object) => {
    const record = stateOf(object);
    return { body: record.body, headers: headersOf(record) };
});
defineInterface("Request", Request, 1);
const RequestPrototype = Request.prototype;
