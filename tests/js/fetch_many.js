// SPDX-License-Identifier: MIT
// server: http
// flags: --allow-net=127.0.0.1:{port}
// args: http://127.0.0.1:{port}
// More requests than are under way at a time: all get their turn; bodies nobody reads do not stop them.
import { done, equal, rejects, same } from "./lib/assert.js";

const [base] = cay.args;
const all = (n, f) => Promise.all(Array.from({ length: n }, (_, i) => f(i)));
const texts = await all(500, async (i) => (await fetch(`${base}/echo?i=${i}`)).json());
same(texts.map((t) => t.path).filter((path, i) => path !== `/echo?i=${i}`), []);
// Larger bodies, read at once, and read only when all heads are there.
const sizes = await all(150, async () => (await (await fetch(`${base}/bytes?n=100000`)).arrayBuffer()).byteLength);
equal(sizes.every((n) => n === 100000), true);
const heads = await all(120, () => fetch(`${base}/bytes?n=100000`));
let total = 0;
for (const r of heads) {
    total += (await r.bytes()).length;
}
equal(total, 12_000_000);
done();
