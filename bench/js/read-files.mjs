// SPDX-License-Identifier: MIT
// Whole files as bytes. Arguments: "serial" (each after the one before) or "together" (all begun at
// once), then a folder, how many files it has ("0", "1", ...), and the size of each.
import { args, fail, result } from "./compat.mjs";
import { measure } from "./measure.mjs";
import { readFile } from "./read-file.mjs";

const [way, folder] = args;
const count = Number(args[2]);
const size = Number(args[3]);
const paths = Array.from({ length: count }, (_, i) => folder + "/" + i);

// run.py fills every file with bytes that are not 0, so that memory which nothing was read into is
// noticed.
function check(bytes) {
    if (bytes.length !== size || bytes[0] === 0 || bytes[size - 1] === 0) {
        throw new Error("the bytes are not those of the file");
    }
}

const ways = {
    async serial() {
        for (const path of paths) {
            check(await readFile(path));
        }
    },
    async together() {
        await Promise.all(paths.map(async (path) => check(await readFile(path))));
    },
};

async function passes(n) {
    for (let i = 0; i < n; i++) {
        await ways[way]();
    }
}

try {
    await passes(1);
    result(await measure(passes, { first: 1, batches: 5, limitMs: 1500 }));
} catch (error) {
    fail(error);
}
