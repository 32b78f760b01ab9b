// SPDX-License-Identifier: MIT
// queueMicrotask.
import { ops } from "./00_ops.js";
import { requireArguments, toCallback } from "./10_webidl.js";
import { callAndReport } from "./12_report.js";

export const microtasks = {
    queueMicrotask(callback) {
        requireArguments(arguments.length, 1, "queueMicrotask");
        toCallback(callback, "queueMicrotask: the argument");
        ops.enqueueMicrotask(() => {
            callAndReport(callback, undefined, []);
        });
    },
};
