// SPDX-License-Identifier: MIT
// The smallest stack that a worker can have: everything that recurses fails cleanly there.
// expect: closed
// limits: stack=64K;turn-cpu=5s
// uncaught: report
const deep = (n, o = {}) => {
    for (; n > 0; n--) {
        o = { o };
    }
    return o;
};
const target = new EventTarget();
target.addEventListener("x", () => target.dispatchEvent(new Event("x")));
addEventListener("error", (e) => e.preventDefault());
let i = 0;
for (const call of [
    () => JSON.stringify(deep(1e5)), () => structuredClone(deep(1e5)), () => postMessage(deep(1e5)),
    () => console.log(deep(1e5)), () => target.dispatchEvent(new Event("x")), () => new RegExp("(".repeat(5000)),
    () => [1, 2].sort(function f() { return [2, 1].sort(f); }), () => new Blob(["x"]).stream().tee(),
    () => new URL("http://h/?a=b").searchParams.get("a"), () => JSON.parse(`${"[".repeat(1e5)}${"]".repeat(1e5)}`),
]) {
    try {
        call();
    } catch (e) {
        i += e instanceof RangeError || e instanceof DOMException || e instanceof SyntaxError;
    }
}
if (i < 3) {
    throw new Error(`only ${i} failed`);
}
close();
