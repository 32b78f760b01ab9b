// SPDX-License-Identifier: MIT
// Parent to child and back. The argument names what travels: object, copy (1 MB) or transfer (1
// MB).
import { args, fail, result, spawn } from "./compat.mjs";
import { PingPong, measure, smallObject } from "./measure.mjs";

const SIZE = 1024 * 1024;

const kinds = {
    object: () => ({ make: smallObject, transfer: () => undefined }),
    copy: () => {
        const buffer = new Uint8Array(SIZE).fill(7).buffer;
        return { make: () => buffer, transfer: () => undefined };
    },
    transfer: () => {
        let buffer = new Uint8Array(SIZE).fill(7).buffer;
        return {
            make: (echo) => ({ move: (buffer = echo === undefined ? buffer : echo.move) }),
            transfer: (value) => [value.move],
            // The last echo of a batch is the buffer of the next.
            keep: (echo) => (buffer = echo.move),
        };
    },
};

// A runtime that loses bytes, or "transfers" by copying, must not get a time for it.
function check(kind, sent, echo) {
    const buffer = kind === "copy" ? echo : kind === "transfer" ? echo.move : null;
    if (buffer === null) {
        return echo.id === 7 && echo.name === "ping";
    }
    const detached = kind !== "transfer" || sent.move.byteLength === 0;
    return buffer.byteLength === SIZE && new Uint8Array(buffer)[SIZE - 1] === 7 && detached;
}

async function main(kind) {
    const { make, transfer, keep } = kinds[kind]();
    let last;
    let child;
    const game = new PingPong((value) => child.post((last = value), transfer(value)), make);
    await new Promise((resolve) => {
        child = spawn("echo-worker.mjs", (value) => {
            if (value === "up") {
                resolve();
                return;
            }
            if (!check(kind, last, value)) {
                fail("the echo is not what was sent");
            }
            keep?.(value);
            game.echoed(value);
        });
    });
    result(await measure((n) => game.run(n)));
    child.terminate();
}

await main(args[0] ?? "object");
