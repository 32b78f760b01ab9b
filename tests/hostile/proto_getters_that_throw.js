// SPDX-License-Identifier: MIT
// The same names, with getters that throw: calls fail, and nothing else does.
// expect: closed
// limits: turn-cpu=10s
// uncaught: report
const { defineProperty } = Object;
for (const name of ["once", "signal", "transfer", "name", "type", "cay", "limits", "method", "headers", "status", "get", "set", "value", "then", "done"]) {
    defineProperty(Object.prototype, name, {
        __proto__: null,
        configurable: true,
        get() {
            throw new RangeError("read");
        },
    });
}
const go = (f) => {
    try {
        f();
    } catch {
        // The guest's own loss.
    }
};
const target = new EventTarget();
go(() => target.addEventListener("x", () => {}, {}));
go(() => target.dispatchEvent(new Event("x")));
go(() => structuredClone({}, {}));
go(() => postMessage({}, {}));
go(() => new Worker("data:text/javascript,0", {}));
go(() => new Response("x", {}));
go(() => new MessageChannel().port1.postMessage({}));
go(() => crypto.subtle.digest({}, new Uint8Array(1)));
go(() => console.log({}, [], new Map()));
go(() => setTimeout(() => {}, 0, {}));
go(() => AbortSignal.any([]));
go(() => fetch("data:,x", {}));
setTimeout(() => close(), 50);
