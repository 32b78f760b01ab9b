// SPDX-License-Identifier: MIT
// flags: --allow-read={tmp}
// args: {tmp}
// before: i=0; while [ $i -lt 200 ]; do echo $i >f$i; i=$((i+1)); done
// Many operations at once, each with its own outcome; past a bound they are refused, not queued.
import { done, equal } from "./lib/assert.js";

const tmp = cay.args[0];
const reads = [];
for (let i = 0; i < 5000; i++) {
    reads.push(cay.readTextFile(`${tmp}/f${i % 200}`));
}
const texts = await Promise.all(reads);
equal(texts.every((text, i) => text === `${i % 200}\n`), true);

let done_ = 0;
let refused = 0;
const flood = [];
for (let i = 0; i < 12_000; i++) {
    flood.push(cay.stat(tmp).then(() => done_++, (error) => {
        equal(error.name, "LimitReached");
        refused++;
    }));
}
await Promise.all(flood);
equal(done_ + refused, 12_000);
equal(refused > 0, true);
equal((await cay.readTextFile(`${tmp}/f0`)), "0\n");
done();
