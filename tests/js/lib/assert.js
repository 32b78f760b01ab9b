// SPDX-License-Identifier: MIT
// What the tests of this folder share. A failed assertion throws, and an uncaught error ends `cay run`
// with code 1; done() writes the line that the runner looks for.

const { apply } = Reflect;
const { stringify } = JSON;
const print = console.log;

export class AssertionError extends Error {
    get name() {
        return "AssertionError";
    }
}

export function fail(message) {
    throw new AssertionError(message);
}

function show(value) {
    switch (typeof value) {
        case "string":
            return stringify(value);
        case "symbol":
        case "function":
            return typeof value;
        case "bigint":
            return `${value}n`;
        case "object":
            try {
                return stringify(value) ?? "an object";
            } catch {
                return "an object";
            }
        default:
            return `${value}`;
    }
}

export function ok(value, what = "value") {
    if (!value) {
        fail(`${what}: expected something true, got ${show(value)}`);
    }
}

export function equal(actual, expected, what = "value") {
    if (!Object.is(actual, expected)) {
        fail(`${what}: expected ${show(expected)}, got ${show(actual)}`);
    }
}

// Compares what JSON shows of both.
export function same(actual, expected, what = "value") {
    const a = stringify(actual);
    const b = stringify(expected);
    if (a !== b) {
        fail(`${what}: expected ${b}, got ${a}`);
    }
}

function check(error, name, pattern) {
    if (name !== undefined && error?.name !== name) {
        fail(`expected a ${name}, got ${error?.name}: ${error?.message ?? show(error)}`);
    }
    if (pattern !== undefined && !pattern.test(error?.message)) {
        fail(`expected a message like ${pattern}, got ${show(error?.message)}`);
    }
    return error;
}

// The call throws; gives the error back.
export function throws(f, name = undefined, pattern = undefined) {
    try {
        f();
    } catch (error) {
        return check(error, name, pattern);
    }
    return fail(`expected ${name ?? "an error"}, but nothing was thrown`);
}

// The promise (or the async function's) rejects; gives the reason back.
export async function rejects(promise, name = undefined, pattern = undefined) {
    try {
        await (typeof promise === "function" ? promise() : promise);
    } catch (error) {
        return check(error, name, pattern);
    }
    return fail(`expected ${name ?? "a rejection"}, but it was fulfilled`);
}

export async function test(name, f) {
    try {
        await f();
    } catch (error) {
        print(`not ok - ${name}`);
        throw error;
    }
}

export function done() {
    print("ok");
}

// ---- waiting ----

export function once(target, type) {
    return new Promise((resolve) => {
        target.addEventListener(type, resolve, { once: true });
    });
}

export function sleep(ms) {
    return new Promise((resolve) => {
        setTimeout(resolve, ms);
    });
}

// A task later: everything that was posted in this turn had no chance yet, microtasks did.
export function turn() {
    return sleep(0);
}

// ---- workers ----

export function source(code) {
    return `data:text/javascript,${encodeURIComponent(code)}`;
}

export function child(code, options = undefined) {
    return new Worker(source(code), { type: "module", ...options });
}

// The next message's data.
export async function receive(target) {
    const event = await once(target, "message");
    return event.data;
}

// The next n messages' data.
export function receiveMany(target, n) {
    return new Promise((resolve) => {
        const got = [];
        target.addEventListener("message", (event) => {
            got.push(event.data);
            if (got.length === n) {
                resolve(got);
            }
        });
    });
}

export function call(f, self, ...args) {
    return apply(f, self, args);
}
