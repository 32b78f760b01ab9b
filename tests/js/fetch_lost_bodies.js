// SPDX-License-Identifier: MIT
// server: http
// flags: --allow-net=127.0.0.1:{port}
// args: http://127.0.0.1:{port}
// Transfers whose responses are garbage are closed: the server sees them hang up.
import { done, ok, sleep } from "./lib/assert.js";

const [base] = cay.args;
const { signal } = new AbortController(); // a signal that lives on does not hold them
for (let i = 0; i < 40; i++) {
    await fetch(`${base}/half?key=lost`, { signal });
}
let gone = 0;
while (gone < 30) {
    globalThis.trash = Array.from({ length: 200_000 }, (_, i) => ({ i }));
    await sleep(10);
    gone = Number(await (await fetch(`${base}/gone?key=lost`)).text());
}
ok(gone >= 30);
done();
