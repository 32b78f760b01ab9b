// SPDX-License-Identifier: MIT
// WorkerLocation: the URL of the main module, read only.
import { illegalConstructor, illegalInvocation } from "./10_webidl.js";
import { KIND_OTHER, defineInterface, newBrand, newHostObject } from "./11_interface.js";
import { parseUrl } from "./30_url.js";

const brand = newBrand();

function part(object, index) {
    const parts = brand.state(object);
    if (parts === undefined) {
        throw illegalInvocation();
    }
    return parts[index];
}

export class WorkerLocation {
    constructor() {
        throw illegalConstructor();
    }
    get href() {
        return part(this, 0);
    }
    get origin() {
        return part(this, 1);
    }
    get protocol() {
        return part(this, 2);
    }
    get host() {
        return part(this, 5);
    }
    get hostname() {
        return part(this, 6);
    }
    get port() {
        return part(this, 7);
    }
    get pathname() {
        return part(this, 8);
    }
    get search() {
        return part(this, 9);
    }
    get hash() {
        return part(this, 10);
    }
    toString() {
        return part(this, 0);
    }
}
defineInterface("WorkerLocation", WorkerLocation);
const LocationPrototype = WorkerLocation.prototype;

// What a URL that does not parse shows of itself.
const UNKNOWN = ["about:blank", "null", "about:", "", "", "", "", "", "blank", "", ""];

export function newLocation(url) {
    const parts = parseUrl(url, undefined) ?? UNKNOWN;
    return brand.stamp(newHostObject(KIND_OTHER, 0, LocationPrototype), parts);
}
