// SPDX-License-Identifier: MIT
// A guest that replaces or deletes every global breaks its own names only.

const { port1, port2 } = new MessageChannel();
const worker = new Worker("data:text/javascript,onmessage = (e) => postMessage(e.data)");
const log = console.log;
const timeout = setTimeout;
const keep = new Set(["globalThis", "undefined", "NaN", "Infinity"]);
for (const key of Reflect.ownKeys(globalThis)) {
    if (!keep.has(key)) {
        delete globalThis[key];
    }
}
let got = 0;
port1.onmessage = (e) => {
    got += e.data.length;
};
port2.postMessage([1, 2, 3]);
worker.postMessage("x");
worker.onmessage = () => {
    got += 10;
    worker.terminate();
};
worker.onclose = () => {
    log({ a: 1 });
    log(got === 13 ? "ok" : got);
};
timeout(() => {}, 1);
