// SPDX-License-Identifier: MIT
// globalThis.cay: what the web platform has no word for.
import { ops } from "./00_ops.js";
import {
    ObjectDefineProperty, ObjectFreeze, SymbolToStringTag, listPush, listToArray, newList,
} from "./00_primordials.js";
import { errors } from "./24_errors.js";
import { files } from "./80_files.js";
import { FsFile, opening } from "./81_file_handle.js";
import { env, sys } from "./82_env.js";
import { newHost } from "./84_host.js";
import { permissions } from "./85_permissions.js";

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
