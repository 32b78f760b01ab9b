// SPDX-License-Identifier: MIT
// What the package web-streams-polyfill finds in place of the global names it uses: tools/js/bundle.sh lets
// it import them from here. So it keeps the built-ins as they were, though not their methods: a guest that
// patches those can break its own streams, and 40_streams.js trusts nothing that comes from them.
import { ops } from "./00_ops.js";
import { callAndReport } from "./12_report.js";
import { DOMException, fromOpError } from "./20_dom_exception.js";

export {
    ArrayBuffer, Boolean, DataView, Error, Function, Math, Number, Object, Promise, RangeError, String,
    Symbol, TypeError, Uint8Array,
} from "./00_primordials.js";
export { AbortController } from "./23_abort.js";

export const scope = { __proto__: null, DOMException };

export function queueMicrotask(callback) {
    ops.enqueueMicrotask(() => {
        callAndReport(callback, undefined, []);
    });
}

// For one use alone: to take the memory out of a buffer.
export function structuredClone(buffer) {
    try {
        return ops.structuredClone(buffer, [buffer])[0];
    } catch (error) {
        throw fromOpError(error);
    }
}
