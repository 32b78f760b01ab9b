// SPDX-License-Identifier: MIT
// What happens to an exception that guest code throws into the glue.
import { ops } from "./00_ops.js";
import { ReflectApply } from "./00_primordials.js";

// C finds the position, fires `error` at the global object through the dispatch table, and tells the
// parent when that was not prevented.
export function reportException(error, inPromise = false) {
    ops.reportException(error, inPromise);
}

// Calls guest code whose result nobody waits for.
export function callAndReport(callback, thisArg, args) {
    try {
        return ReflectApply(callback, thisArg, args);
    } catch (error) {
        reportException(error);
        return undefined;
    }
}
