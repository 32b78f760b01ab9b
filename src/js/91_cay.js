// SPDX-License-Identifier: MIT
// globalThis.cay: what the web platform has no word for.
import { ops } from "./00_ops.js";
import {
    ObjectDefineProperty, ObjectFreeze, SymbolToStringTag, listPush, listToArray, newList,
} from "./00_primordials.js";

const holder = {
    // Ends this worker at once: nothing after the call runs.
    exit(code = 0) {
        ops.exit(code | 0, true);
    },
};

export function newCay(config) {
    const args = newList();
    for (let i = 0; i < config.args.length; i++) {
        listPush(args, config.args[i]);
    }
    const cay = {
        args: ObjectFreeze(listToArray(args)),
        exit: holder.exit,
        version: config.version,
    };
    ObjectDefineProperty(cay, SymbolToStringTag, { __proto__: null, value: "cay" });
    return ObjectFreeze(cay);
}
