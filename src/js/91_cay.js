// SPDX-License-Identifier: MIT
// globalThis.cay: what the web platform has no word for.
import { ops } from "./00_ops.js";
import {
    Infinity, NumberIsInteger, ObjectDefineProperty, ObjectFreeze, RangeError, String, SymbolToStringTag,
    TypeError, isObject, listPush, listToArray, newList,
} from "./00_primordials.js";
import { errors } from "./24_errors.js";
import { files } from "./80_files.js";
import { FsFile, opening } from "./81_file_handle.js";
import { env, sys } from "./82_env.js";
import { newHost } from "./84_host.js";
import { permissions } from "./85_permissions.js";

function toExitCode(code) {
    if (code === undefined) {
        return 0;
    }
    if (typeof code !== "number") {
        const shown = isObject(code) ? "an object" : typeof code === "string" ? `"${code}"` : String(code);
        throw new TypeError(`cay.exit: ${shown} is not an integer from 0 to 255`);
    }
    if (!NumberIsInteger(code) || code < 0 || code > 255) {
        throw new RangeError(`cay.exit: ${code} is not an integer from 0 to 255`);
    }
    return code;
}

const holder = {
    // Ends this worker at once: nothing after the call runs.
    exit(code = undefined) {
        ops.exit(toExitCode(code), true);
    },
    memoryUsage() {
        const parts = ops.memoryUsage();
        return {
            total: parts[0],
            limit: parts[1] > 9007199254740991 ? Infinity : parts[1],
            heap: parts[2],
            buffers: parts[3],
            wasm: parts[4],
            messages: parts[5],
            host: parts[6],
            native: parts[7],
            children: parts[8],
        };
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
        memoryUsage: holder.memoryUsage,
        version: config.version,
        errors,
        permissions,
        env,
        sys,
        host: newHost(),
        readFile: files.readFile,
        readTextFile: files.readTextFile,
        writeFile: files.writeFile,
        writeTextFile: files.writeTextFile,
        stat: files.stat,
        lstat: files.lstat,
        readDir: files.readDir,
        mkdir: files.mkdir,
        remove: files.remove,
        rename: files.rename,
        copyFile: files.copyFile,
        open: opening.open,
        FsFile,
    };
    ObjectDefineProperty(cay, SymbolToStringTag, { __proto__: null, value: "cay" });
    return ObjectFreeze(cay);
}
