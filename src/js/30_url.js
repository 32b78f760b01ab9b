// SPDX-License-Identifier: MIT
// URL on the one parser in C. A URL's state is the array of its parts that C gave last.
import { ops } from "./00_ops.js";
import { TypeError } from "./00_primordials.js";
import { illegalInvocation, requireArguments, toUSVString } from "./10_webidl.js";
import { KIND_OTHER, defineInterface, newBrand, newHostObject } from "./11_interface.js";
import { bindParams, newBoundParams } from "./29_url_search_params.js";

const HREF = 0;
const ORIGIN = 1;
const PROTOCOL = 2;
const USERNAME = 3;
const PASSWORD = 4;
const HOST = 5;
const HOSTNAME = 6;
const PORT = 7;
const PATHNAME = 8;
const SEARCH = 9;
const HASH = 10;

const brand = newBrand();

function stateOf(object) {
    const state = brand.state(object);
    if (state === undefined) {
        throw illegalInvocation();
    }
    return state;
}

// The href of a URL; undefined for anything else.
export function hrefOf(value) {
    return brand.state(value)?.parts[HREF];
}

// The parts, or null when the input is no URL.
export function parseUrl(input, base) {
    return ops.urlParse(input, base);
}

function set(object, field, value) {
    const state = stateOf(object);
    const given = toUSVString(value);
    state.parts = ops.urlSet(state.parts[HREF], field, given);
    return state;
}

function syncParams(state) {
    if (state.params !== null) {
        bindParams(state.params, state.parts[SEARCH]);
    }
}

function convert(url, base) {
    const input = toUSVString(url);
    return parseUrl(input, base === undefined ? undefined : toUSVString(base));
}

export class URL {
    constructor(url, base = undefined) {
        requireArguments(arguments.length, 1, "URL");
        const parts = convert(url, base);
        if (parts === null) {
            throw new TypeError("Invalid URL");
        }
        const state = { parts, params: null };
        return brand.stamp(newHostObject(KIND_OTHER, 0, new.target.prototype), state);
    }
    static canParse(url, base = undefined) {
        requireArguments(arguments.length, 1, "URL.canParse");
        return convert(url, base) !== null;
    }
    get href() {
        return stateOf(this).parts[HREF];
    }
    set href(value) {
        const state = stateOf(this);
        const parts = parseUrl(toUSVString(value), undefined);
        if (parts === null) {
            throw new TypeError("Invalid URL");
        }
        state.parts = parts;
        syncParams(state);
    }
    get origin() {
        return stateOf(this).parts[ORIGIN];
    }
    get protocol() {
        return stateOf(this).parts[PROTOCOL];
    }
    set protocol(value) {
        set(this, "protocol", value);
    }
    get username() {
        return stateOf(this).parts[USERNAME];
    }
    set username(value) {
        set(this, "username", value);
    }
    get password() {
        return stateOf(this).parts[PASSWORD];
    }
    set password(value) {
        set(this, "password", value);
    }
    get host() {
        return stateOf(this).parts[HOST];
    }
    set host(value) {
        set(this, "host", value);
    }
    get hostname() {
        return stateOf(this).parts[HOSTNAME];
    }
    set hostname(value) {
        set(this, "hostname", value);
    }
    get port() {
        return stateOf(this).parts[PORT];
    }
    set port(value) {
        set(this, "port", value);
    }
    get pathname() {
        return stateOf(this).parts[PATHNAME];
    }
    set pathname(value) {
        set(this, "pathname", value);
    }
    get search() {
        return stateOf(this).parts[SEARCH];
    }
    set search(value) {
        syncParams(set(this, "search", value));
    }
    get searchParams() {
        const state = stateOf(this);
        state.params ??= newBoundParams(state.parts[SEARCH], (query) => {
            state.parts = ops.urlSet(state.parts[HREF], "search", query);
        });
        return state.params;
    }
    get hash() {
        return stateOf(this).parts[HASH];
    }
    set hash(value) {
        set(this, "hash", value);
    }
    toString() {
        return stateOf(this).parts[HREF];
    }
    toJSON() {
        return stateOf(this).parts[HREF];
    }
}
defineInterface("URL", URL, 1);
