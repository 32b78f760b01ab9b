// SPDX-License-Identifier: MIT
// flags: --max-memory=unlimited
// Of an error text of megabytes the creator sees the beginning.
import { done, equal } from "./lib/assert.js";

const source = `
    const long = "x".repeat(2 ** 26);
    const e = new Error("short");
    e.message = e.name = e.stack = long;
    for (let i = 0; i < 5; i++) {
        reportError(e);
    }
    throw e;`;
const worker = new Worker(`data:text/javascript,${encodeURIComponent(source)}`, { cay: { limits: { memory: Infinity } } });
const lengths = [];
worker.onerror = (event) => {
    event.preventDefault();
    lengths.push(event.message.length);
};
worker.onclose = (event) => {
    equal(event.reason, "main module failed");
    equal(lengths.join(), new Array(6).fill(65536).join());
    done();
};
