// SPDX-License-Identifier: MIT
//
// The one place that knows which runtime this is. Everything else in this folder uses only what is
// exported here, so that each runtime executes the same lines.
//
// Web workers are the common form. Node has its own: a Worker that emits bare values, a port to the
// parent instead of a global scope, and an `exit` event where others have `close` or nothing.

const onNode =
    typeof process === "object" &&
    typeof process.versions?.node === "string" &&
    typeof process.versions.bun !== "string" &&
    typeof Deno === "undefined";

// The synchronous way costs a starting worker the least; older releases have only the import.
const threads = !onNode
    ? null
    : typeof process.getBuiltinModule === "function"
      ? process.getBuiltinModule("node:worker_threads")
      : await import("node:worker_threads");

export const args =
    typeof cay === "object" && Array.isArray(cay.args)
        ? cay.args
        : typeof Deno === "object"
          ? Deno.args
          : typeof process === "object"
            ? process.argv.slice(2)
            : [];

// One line of text for run.py. FAIL makes it end this process and note the reason.
export function fail(reason) {
    console.log("FAIL " + String(reason).split("\n")[0]);
}

export function result(fields) {
    console.log("RESULT " + JSON.stringify(fields));
}

class NodeChild {
    #worker;
    constructor(url, onMessage) {
        this.#worker = new threads.Worker(new URL(url));
        this.#worker.on("message", onMessage);
        this.#worker.on("error", (e) => fail(e?.message ?? e));
    }
    post(value, transfer) {
        this.#worker.postMessage(value, transfer);
    }
    terminate() {
        this.#worker.terminate();
    }
    onEnd(fn) {
        this.#worker.on("exit", fn);
    }
}

class WebChild {
    #worker;
    constructor(url, onMessage) {
        this.#worker = new Worker(url, { type: "module" });
        this.#worker.onmessage = (event) => onMessage(event.data);
        this.#worker.onerror = (event) => fail(event?.message ?? event);
    }
    post(value, transfer) {
        this.#worker.postMessage(value, transfer ?? []);
    }
    terminate() {
        this.#worker.terminate();
    }
    onEnd(fn) {
        this.#worker.addEventListener("close", fn);
    }
}

// `name` is a file of this folder. onMessage gets the value, not an event.
export function spawn(name, onMessage) {
    const url = new URL("./" + name, import.meta.url).href;
    return onNode ? new NodeChild(url, onMessage) : new WebChild(url, onMessage);
}

// The side of a worker that faces its creator.
const up = onNode ? threads.parentPort : globalThis;

export const parent = {
    post(value, transfer) {
        up.postMessage(value, transfer ?? []);
    },
    listen(fn) {
        up.onmessage = (event) => fn(event.data);
    },
};

export function pause(ms) {
    return new Promise((resolve) => setTimeout(resolve, ms));
}
