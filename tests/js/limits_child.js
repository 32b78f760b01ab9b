// SPDX-License-Identifier: MIT
// flags: --max-memory=64M --max-cpu=10s --max-workers=4
// A worker gets limits of its own, never above its creator's; the object is read like any option bag.
import { child, done, equal, once, throws } from "./lib/assert.js";

const source = "data:text/javascript,onmessage = () => {};";
const refused = (limits, name, what) => throws(() => new Worker(source, { cay: { limits } }), name, what);

refused({ memory: "128M" }, "TypeError", /limit memory: 128 MiB is above what its creator has, 64 MiB/);
refused({ memory: Infinity }, "TypeError", /limit memory: unlimited is above/);
refused({ cpu: "1m" }, "TypeError", /limit cpu: 60 s is above what its creator has, 10 s/);
refused({ workers: 5 }, "TypeError", /limit workers: 5 is above what its creator has, 4/);
refused({ memory: "64Q" }, "TypeError", /limit memory: "64Q" is not a size such as 64M/);
refused({ memory: 1 }, "TypeError", /limit memory: 1 byte is too little, at least 4 MiB/);
refused({ memory: "8M;cpu=1h" }, "TypeError", /cay\.limits\.memory/);
refused({ memory: -1 }, "TypeError", /cay\.limits\.memory/);
refused({ memory: 1.5 }, "TypeError", /cay\.limits\.memory/);
refused({ memory: NaN }, "TypeError", /cay\.limits\.memory/);
refused({ memory: null }, "TypeError", /cay\.limits\.memory/);
refused({ memory: {} }, "TypeError", /cay\.limits\.memory/);
refused({ memory: 8n }, "TypeError", /cay\.limits\.memory/);
refused({ memroy: "8M" }, "TypeError", /cay\.limits\.memroy: there is no such limit/);
refused({ [Symbol("s")]: 1 }, "TypeError", /cay\.limits\.Symbol\(s\): there is no such limit/);
refused({ __proto__: null, constructor: 1 }, "TypeError", /constructor: there is no such limit/);
refused("memory=8M", "TypeError", /cay\.limits is not an object/);
refused({ memory: "16M", heap: "32M" }, "TypeError", /limit heap: 32 MiB is above the memory limit/);

// Each member is read once; nothing inherited counts.
let reads = 0;
Object.prototype.limits = { memory: "1Q" };
const limits = { get memory() { return ++reads === 1 ? "16M" : "1Q"; }, wall: 5000, turnCpu: undefined };
const bomb = "const a = []; for (;;) a.push(new Array(1000).fill(a.length));";
const worker = new Worker(`data:text/javascript,${bomb}`, { cay: { limits } });
delete Object.prototype.limits;
worker.onerror = (event) => event.preventDefault();
const told = once(worker, "limit");
const event = await once(worker, "close");
equal(event.reason, "memory limit");
equal((await told).limit, "memory");
equal((await told).max, 16 << 20);
equal((await told).over, false);
equal(reads, 1);

// As many as there may be, and again once some have ended.
const some = [];
for (let i = 0; i < 4; i++) {
    some.push(child("onmessage = () => {};"));
}
throws(() => child(""), "QuotaExceededError", /4 workers are alive below this one, the limit of workers/);
some[0].terminate();
await once(some[0], "close");
some[0] = child("onmessage = () => {};");
for (const one of some) {
    one.terminate();
}
done();
