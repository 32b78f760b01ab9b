// SPDX-License-Identifier: MIT
// call, apply, bind and much else replaced by loops: the glue must not come by.
// expect: closed
// limits: turn-cpu=500ms
// uncaught: report
const loop = () => {
    for (;;);
};
Function.prototype.call = loop;
Function.prototype.apply = loop;
Function.prototype.bind = loop;
Array.prototype[Symbol.iterator] = loop;
Array.prototype.push = loop;
Array.prototype.slice = loop;
Map.prototype.get = loop;
Map.prototype.set = loop;
Reflect.apply = loop;
Object.keys = loop;
const { port1, port2 } = new MessageChannel();
let n = 0;
port2.onmessage = () => {
    n++;
    setTimeout(() => close(), 1);
};
const target = new EventTarget();
target.addEventListener("x", () => n++);
target.dispatchEvent(new Event("x"));
const c = new AbortController();
c.signal.onabort = () => n++;
c.abort();
new URL("http://h/?a=b").searchParams.append("c", "d");
console.log("text");
structuredClone({ a: 1 });
new Blob(undefined);
new Response("x").text();
port1.postMessage(1);
