// SPDX-License-Identifier: MIT
// performance: the clock, in steps of 1 ms (finer ones are a permission).
import { ops } from "./00_ops.js";
import { illegalConstructor, illegalInvocation } from "./10_webidl.js";
import { KIND_OTHER, defineInterface, newBrand, newHostObject } from "./11_interface.js";
import { EventTarget, stampTarget } from "./22_event_target.js";

const brand = newBrand();
let timeOrigin = 0;

function check(object) {
    if (brand.state(object) === undefined) {
        throw illegalInvocation();
    }
}

export class Performance extends EventTarget {
    constructor() {
        throw illegalConstructor();
    }
    now() {
        check(this);
        return ops.now();
    }
    get timeOrigin() {
        check(this);
        return timeOrigin;
    }
    toJSON() {
        check(this);
        return { timeOrigin };
    }
}
defineInterface("Performance", Performance);
const PerformancePrototype = Performance.prototype;

export function newPerformance(origin) {
    timeOrigin = origin;
    const object = newHostObject(KIND_OTHER, 0, PerformancePrototype);
    stampTarget(object);
    return brand.stamp(object, true);
}
