// SPDX-License-Identifier: MIT
// With no stack left, calls into the platform fail with RangeError and nothing else.
import { done, equal } from "./lib/assert.js";

const names = new Set();
const { port1 } = new MessageChannel();
const target = new EventTarget();
let depth = 0;
target.addEventListener("x", () => go());
onerror = () => true;
function go() {
    depth++;
    try {
        port1.postMessage({ a: depth });
        structuredClone([depth]);
        new URL("http://h/?a=b").searchParams.get("a");
        target.dispatchEvent(new Event("x"));
        go();
    } catch (e) {
        names.add(e?.name);
    }
}
function deep() {
    try {
        deep();
    } catch {
        go();
    }
}
deep();
names.delete("QuotaExceededError");
equal([...names].join(), "RangeError");
equal(structuredClone({ a: 1 }).a, 1);
done();
