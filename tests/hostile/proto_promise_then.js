// SPDX-License-Identifier: MIT
// Promise.prototype.then replaced by one that never calls, calls twice, throws, and loops.
// expect: turn-cpu|closed
// limits: turn-cpu=1s
// uncaught: report
const { then } = Promise.prototype;
const bads = [
    () => {},
    (a) => {
        a?.(1);
        a?.(2);
    },
    () => {
        throw new Error("then");
    },
];
const use = () => {
    const r = new ReadableStream({ pull: (c) => c.enqueue("x") }).getReader();
    r.read();
    new Response("text").text();
    crypto.subtle.digest("SHA-1", new Uint8Array(1));
    fetch("data:,x");
    import("data:text/javascript,0");
    (async () => await 1)();
};
for (const bad of bads) {
    Promise.prototype.then = bad;
    use();
}
setTimeout(() => {
    Promise.prototype.then = then;
    use();
    setTimeout(() => close(), 50);
}, 50);
