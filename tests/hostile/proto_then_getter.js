// SPDX-License-Identifier: MIT
// A getter called then on Object.prototype: it is asked for each object that a promise is resolved with.
// expect: turn-cpu|closed
// limits: turn-cpu=500ms
// uncaught: report
let reads = 0;
Object.defineProperty(Object.prototype, "then", {
    __proto__: null,
    configurable: true,
    get() {
        reads++;
        if (reads > 50) {
            for (;;);
        }
        return undefined;
    },
});
for (let i = 0; i < 100; i++) {
    (async () => ({}))();
    new ReadableStream({ pull: (c) => c.enqueue({}) }).getReader().read();
    fetch("data:,x");
    import(`data:text/javascript,export let a = ${i}`);
}
await new Promise((resolve) => setTimeout(resolve, 50));
close();
