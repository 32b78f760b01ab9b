// SPDX-License-Identifier: MIT
//
// A whole file as bytes, the way each runtime recommends for speed. Apart from compat.mjs, so that
// no worker loads it.

const onBun = typeof process === "object" && typeof process.versions?.bun === "string";

function pick() {
    if (typeof cay === "object") {
        return (path) => cay.readFile(path);
    }
    if (typeof Deno === "object") {
        return (path) => Deno.readFile(path);
    }
    if (onBun) {
        return (path) => Bun.file(path).bytes();
    }
    const { readFile } = process.getBuiltinModule("node:fs/promises");
    return (path) => readFile(path);
}

export const readFile = pick();
