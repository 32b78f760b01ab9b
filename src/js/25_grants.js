// SPDX-License-Identifier: MIT
// The permissions that a worker is started with, from the guest's object to the text form of C. Nothing is
// decided here: C parses the text, and refuses what the creator lacks.
import {
    ReflectOwnKeys, String, StringPrototypeIndexOf, StringPrototypeSlice, SymbolIterator, TypeError,
    isObject,
} from "./00_primordials.js";
import { toDOMString, toSequence, toUSVString } from "./10_webidl.js";

// Kind -> its bit in C.
const lists = { __proto__: null, read: 1, write: 2, net: 4, env: 8, import: 16, sys: 32 };
const switches = {
    __proto__: null, eval: 64, wasm: 128, "shared-memory": 256, "fine-clock": 512,
};
const ALL = 1023;

function replaceAll(text, what, by) {
    let out = "";
    let from = 0;
    for (let at; (at = StringPrototypeIndexOf(text, what, from)) >= 0; from = at + 1) {
        out += StringPrototypeSlice(text, from, at) + by;
    }
    return out + StringPrototypeSlice(text, from);
}

// '%' first: the others add some.
function escape(text) {
    const clean = replaceAll(replaceAll(replaceAll(text, "%", "%25"), ",", "%2C"), ";", "%3B");
    return replaceAll(clean, "\u0000", "%00");
}

function toValues(value, what) {
    if (!isObject(value)) {
        throw new TypeError(`${what} is neither true, false, "inherit" nor a list of strings`);
    }
    const list = toSequence(value, value[SymbolIterator], what, (item) => {
        if (typeof item !== "string" || item === "") {
            throw new TypeError(`${what}: its values are strings that are not empty, and one is not`);
        }
        return escape(toUSVString(item));
    });
    let text = "";
    for (let i = 0; i < list.length; i++) {
        text += (i === 0 ? "" : ",") + list[i];
    }
    return text;
}

function add(grants, key, value) {
    grants.text += (grants.text === "" ? "" : ";") + (value === "" ? key : `${key}=${value}`);
}

function addKind(grants, kind, bit, value) {
    const what = `Worker: cay.permissions.${kind}`;
    if (value === undefined || value === false) {
        return;
    }
    if (value === true) {
        add(grants, kind, "");
    } else if (value === "inherit") {
        grants.inherit += bit;
    } else if (switches[kind] !== undefined) {
        throw new TypeError(`${what} is neither true, false nor "inherit"`);
    } else {
        const text = toValues(value, what);
        if (text !== "") {
            add(grants, kind, text);
        }
    }
}

function addDenials(grants, deny) {
    if (deny === undefined) {
        return;
    }
    if (!isObject(deny)) {
        throw new TypeError("Worker: cay.permissions.deny is not an object");
    }
    const keys = ReflectOwnKeys(deny);
    for (let i = 0; i < keys.length; i++) {
        const kind = keys[i];
        const what = `Worker: cay.permissions.deny.${String(kind)}`;
        if (typeof kind !== "string" || lists[kind] === undefined) {
            throw new TypeError(`${what}: there is no such kind of permission to deny`);
        }
        const value = deny[kind];
        if (value === undefined || value === false) {
            continue;
        }
        const text = value === true ? "" : toValues(value, what);
        if (value === true || text !== "") {
            add(grants, `deny-${kind}`, text);
        }
    }
}

// { text, inherit } of "none", "inherit" or an object with a member per kind.
export function readPermissions(value) {
    if (!isObject(value)) {
        const word = toDOMString(value);
        if (word !== "none" && word !== "inherit") {
            throw new TypeError(
                `Worker: cay.permissions: "${word}" is neither "none", "inherit" nor an object`,
            );
        }
        return { text: "", inherit: word === "inherit" ? ALL : 0 };
    }
    const grants = { text: "", inherit: 0 };
    const keys = ReflectOwnKeys(value);
    for (let i = 0; i < keys.length; i++) {
        const kind = keys[i];
        if (kind === "deny") {
            addDenials(grants, value.deny);
            continue;
        }
        const bit = typeof kind === "string" ? lists[kind] ?? switches[kind] : undefined;
        if (bit === undefined) {
            throw new TypeError(
                `Worker: cay.permissions.${String(kind)}: there is no such kind of permission`,
            );
        }
        addKind(grants, kind, bit, value[kind]);
    }
    return grants;
}
