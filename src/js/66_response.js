// SPDX-License-Identifier: MIT
// Response (Fetch standard).
//
// state: { type, status, statusText, url, redirected, headers: a state of 63_headers.js, headersObject,
// body }
import { ops } from "./00_ops.js";
import {
    JSONStringify, RangeError, RegExpPrototypeExec, StringPrototypeIndexOf, StringPrototypeSlice,
    TypeError,
} from "./00_primordials.js";
import {
    illegalInvocation, requireArguments, toDictionary, toUSVString,
} from "./10_webidl.js";
import { KIND_OTHER, defineInterface, newBrand, newHostObject } from "./11_interface.js";
import {
    GUARD_IMMUTABLE, GUARD_RESPONSE, addHeader, copyHeaderState, fillHeaders, headerValue, newHeaderState,
    newHeaders, toByteString, toHeaderPairs,
} from "./63_headers.js";
import {
    bodyOfText, cloneBody, extractBody, installBody, isUnusable, toBodyInit,
} from "./64_body.js";

const brand = newBrand();
let baseUrl = "";

export function startResponses(url) {
    baseUrl = url;
}

function stateOf(object) {
    const state = brand.state(object);
    if (state === undefined) {
        throw illegalInvocation();
    }
    return state;
}

function newState(type, status, statusText, headers) {
    return {
        __proto__: null,
        type,
        status,
        statusText,
        url: "",
        redirected: false,
        headers,
        headersObject: null,
        body: null,
    };
}

function newResponse(state) {
    return brand.stamp(newHostObject(KIND_OTHER, 0, ResponsePrototype), state);
}

// What fetch() got. `url` has no fragment.
export function fetchedResponse(status, statusText, url, redirected, headers, body) {
    const state = newState("basic", status, statusText, headers);
    state.url = url;
    state.redirected = redirected;
    state.body = body;
    return newResponse(state);
}

// ---- ResponseInit ----

const notInReason = /[^\t\x20-\x7e\x80-\xff]/;

// Web IDL's unsigned short.
function toUnsignedShort(value) {
    const n = +value;
    return n !== n ? 0 : n & 0xffff;
}

function toInit(value, what) {
    const init = toDictionary(value, `${what}: the second argument`);
    const given = { __proto__: null, headers: undefined, status: 200, statusText: "" };
    if (init === null) {
        return given;
    }
    const headers = init.headers;
    given.headers = headers === undefined ? undefined : toHeaderPairs(headers, `${what}: headers`);
    const status = init.status;
    given.status = status === undefined ? 200 : toUnsignedShort(status);
    const text = init.statusText;
    given.statusText = text === undefined ? "" : toByteString(text, `${what}: statusText`);
    return given;
}

// No body goes with these (Fetch, "null body status").
export function isNullBodyStatus(status) {
    return status === 101 || status === 103 || status === 204 || status === 205 || status === 304;
}

function stateFrom(given, what) {
    if (given.status < 200 || given.status > 599) {
        throw new RangeError(`${what}: the status ${given.status} is outside of 200 to 599`);
    }
    if (RegExpPrototypeExec(notInReason, given.statusText) !== null) {
        throw new TypeError(`${what}: statusText is not a reason phrase`);
    }
    const state = newState("default", given.status, given.statusText, newHeaderState(GUARD_RESPONSE));
    if (given.headers !== undefined) {
        fillHeaders(state.headers, given.headers, what);
    }
    return state;
}

function putBody(state, body, type, what) {
    if (isNullBodyStatus(state.status)) {
        throw new TypeError(`${what}: a response with status ${state.status} has no body`);
    }
    state.body = body;
    if (type !== null && headerValue(state.headers, "content-type") === null) {
        addHeader(state.headers, "Content-Type", type);
    }
}

const redirectStatus = { __proto__: null, 301: true, 302: true, 303: true, 307: true, 308: true };

// ---- the interface ----

export class Response {
    constructor(body = null, init = undefined) {
        const content = body === null || body === undefined ? null : toBodyInit(body);
        const given = toInit(init, "Response");
        const state = stateFrom(given, "Response");
        if (content !== null) {
            const extracted = extractBody(content, "Response: the body");
            putBody(state, extracted.body, extracted.type, "Response");
        }
        return brand.stamp(newHostObject(KIND_OTHER, 0, new.target.prototype), state);
    }
    static error() {
        return newResponse(newState("error", 0, "", newHeaderState(GUARD_IMMUTABLE)));
    }
    static redirect(url, status = 302) {
        requireArguments(arguments.length, 1, "Response.redirect");
        const text = toUSVString(url);
        const code = toUnsignedShort(status);
        const location = ops.urlParse(text, baseUrl);
        if (location === null) {
            throw new TypeError("Response.redirect: the URL cannot be parsed");
        }
        if (redirectStatus[code] !== true) {
            throw new RangeError(`Response.redirect: the status ${code} is not that of a redirect`);
        }
        const headers = newHeaderState(GUARD_IMMUTABLE);
        addHeader(headers, "Location", location[0]);
        return newResponse(newState("default", code, "", headers));
    }
    static json(data, init = undefined) {
        requireArguments(arguments.length, 1, "Response.json");
        const given = toInit(init, "Response.json");
        const text = JSONStringify(data);
        if (text === undefined) {
            throw new TypeError("Response.json: the value has no JSON form");
        }
        const state = stateFrom(given, "Response.json");
        putBody(state, bodyOfText(toUSVString(text)), "application/json", "Response.json");
        return newResponse(state);
    }
    get type() {
        return stateOf(this).type;
    }
    get url() {
        return stateOf(this).url;
    }
    get redirected() {
        return stateOf(this).redirected;
    }
    get status() {
        return stateOf(this).status;
    }
    get ok() {
        const { status } = stateOf(this);
        return status >= 200 && status <= 299;
    }
    get statusText() {
        return stateOf(this).statusText;
    }
    get headers() {
        const state = stateOf(this);
        state.headersObject ??= newHeaders(state.headers);
        return state.headersObject;
    }
    clone() {
        const state = stateOf(this);
        if (isUnusable(state.body)) {
            throw new TypeError("Response.clone: the body was used already, or its stream is locked");
        }
        const headers = copyHeaderState(state.headers, state.headers.guard);
        const copy = newState(state.type, state.status, state.statusText, headers);
        copy.url = state.url;
        copy.redirected = state.redirected;
        copy.body = state.body === null ? null : cloneBody(state.body);
        return newResponse(copy);
    }
}
installBody(Response.prototype, stateOf);
defineInterface("Response", Response);
const ResponsePrototype = Response.prototype;

// Without its fragment, as a response shows its URL.
export function withoutFragment(url) {
    const hash = StringPrototypeIndexOf(url, "#");
    return hash < 0 ? url : StringPrototypeSlice(url, 0, hash);
}
