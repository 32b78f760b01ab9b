// SPDX-License-Identifier: MIT
// WorkerNavigator. It says what cay is and how many workers can run at once, nothing about the machine.
import { ObjectFreeze } from "./00_primordials.js";
import { illegalConstructor, illegalInvocation } from "./10_webidl.js";
import { KIND_OTHER, defineInterface, newBrand, newHostObject } from "./11_interface.js";

const brand = newBrand();

function stateOf(object) {
    const state = brand.state(object);
    if (state === undefined) {
        throw illegalInvocation();
    }
    return state;
}

export class WorkerNavigator {
    constructor() {
        throw illegalConstructor();
    }
    get userAgent() {
        return `cay/${stateOf(this).version}`;
    }
    get hardwareConcurrency() {
        return stateOf(this).cpus;
    }
    get language() {
        stateOf(this);
        return "en-US";
    }
    get languages() {
        return stateOf(this).languages;
    }
    get onLine() {
        stateOf(this);
        return true;
    }
    get platform() {
        stateOf(this);
        return "";
    }
    // The next four are constants of the HTML standard.
    get appCodeName() {
        stateOf(this);
        return "Mozilla";
    }
    get appName() {
        stateOf(this);
        return "Netscape";
    }
    get appVersion() {
        return stateOf(this).version;
    }
    get product() {
        stateOf(this);
        return "Gecko";
    }
}
defineInterface("WorkerNavigator", WorkerNavigator);
const NavigatorPrototype = WorkerNavigator.prototype;

export function newNavigator(version, cpus) {
    const state = { version, cpus, languages: ObjectFreeze(["en-US"]) };
    return brand.stamp(newHostObject(KIND_OTHER, 0, NavigatorPrototype), state);
}
