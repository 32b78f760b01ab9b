// SPDX-License-Identifier: MIT
// server: http
// flags: --allow-net=127.0.0.1:{port}
// args: http://127.0.0.1:{port}
// Abort signals: before, while waiting for the head, while reading, and after the end.
import { done, equal, ok, rejects, same, sleep } from "./lib/assert.js";

const [base] = cay.args;
const gone = async (key, n = 1) => {
    while (Number(await (await fetch(`${base}/gone?key=${key}`)).text()) < n) {
        await sleep(5);
    }
};
const reason = { my: "reason" };
equal(await rejects(fetch(`${base}/hello`, { signal: AbortSignal.abort(reason) })), reason);
await rejects(fetch(`${base}/hello`, { signal: AbortSignal.abort() }), "AbortError");
await rejects(fetch("data:,x", { signal: AbortSignal.abort() }), "AbortError");

// At once, and once the server hangs.
for (const [i, wait] of [0, 30].entries()) {
    const controller = new AbortController();
    const hanging = fetch(`${base}/hang?key=hang${i}`, { signal: controller.signal });
    if (wait > 0) {
        await sleep(wait);
    }
    controller.abort(reason);
    equal(await rejects(hanging), reason);
}
await gone("hang1");
await rejects(fetch(`${base}/hang`, { signal: AbortSignal.timeout(20) }), "TimeoutError");
const any = new AbortController();
const anyFetch = fetch(`${base}/hang`, { signal: AbortSignal.any([any.signal, new AbortController().signal]) });
any.abort(reason);
equal(await rejects(anyFetch), reason);

// While the body is read: by text(), by a stream, by nobody.
for (const way of ["text", "stream", "nobody", "request"]) {
    const controller = new AbortController();
    const { signal } = controller;
    const r = await (way === "request"
        ? fetch(new Request(`${base}/half?key=half`, { signal }))
        : fetch(`${base}/half?key=half`, { signal }));
    if (way === "stream") {
        const reader = r.body.getReader();
        equal((await reader.read()).value.length, 10);
        const next = reader.read();
        controller.abort(reason);
        equal(await rejects(next), reason);
        equal(await rejects(reader.closed), reason);
    } else if (way === "nobody") {
        const { body } = r;
        controller.abort(reason);
        equal(await rejects(r.text()), reason);
        equal(body.locked, true);
    } else {
        const text = r.text();
        controller.abort(reason);
        equal(await rejects(text), reason);
    }
}
await gone("half", 4);

// Aborting what is over does nothing.
const late = new AbortController();
const r = await fetch(`${base}/hello`, { signal: late.signal });
late.abort();
equal(await r.text(), "hello");

// One signal for many, some of them waiting in line.
const all = new AbortController();
let fired = 0;
all.signal.addEventListener("abort", () => fired++);
const many = [];
for (let i = 0; i < 200; i++) {
    many.push(fetch(`${base}/hang?key=many`, { signal: all.signal }));
}
await sleep(20);
all.abort(reason);
same((await Promise.allSettled(many)).map((s) => s.reason === reason).filter((x) => !x), []);
equal(fired, 1);
// From inside the stream of the request's body.
const inner = new AbortController();
const body = new ReadableStream({ pull() { inner.abort(reason); return new Promise(() => {}); } }, { highWaterMark: 0 });
equal(await rejects(fetch(`${base}/body`, { method: "POST", body, duplex: "half", signal: inner.signal })), reason);
ok(await (await fetch(`${base}/hello`)).text());
done();
