// SPDX-License-Identifier: MIT
// server: http
// flags: --allow-net=127.0.0.1:{port}
// args: http://127.0.0.1:{port}
// Bodies that nobody reads are bounded: the one too many is refused, and room comes back with a cancel.
import { done, equal, rejects } from "./lib/assert.js";

const [base] = cay.args;
const held = [];
for (let i = 0; i < 128; i++) {
    held.push(await fetch(`${base}/half`));
}
await rejects(fetch(`${base}/half`), "LimitReached", /128/);
await held[7].body.cancel();
equal(await (await fetch(`${base}/hello`)).text(), "hello");
await Promise.all(held.map((r, i) => i === 7 ? 0 : r.body.cancel()));
equal((await Promise.all(Array.from({ length: 100 }, () => fetch(`${base}/hello`)))).length, 100);
done();
