// SPDX-License-Identifier: MIT
// flags: --max-workers=50 --max-memory=256M
// Fifty workers at once, each with its own answer.
import { child, done, equal, receive } from "./lib/assert.js";

const workers = [];
for (let i = 0; i < 50; i++) {
    workers.push(child("onmessage = (e) => postMessage(e.data * 2)"));
    workers[i].postMessage(i);
}
const answers = await Promise.all(workers.map((worker) => receive(worker)));
equal(answers.join(), Array.from({ length: 50 }, (_, i) => i * 2).join());
for (const worker of workers) {
    worker.terminate();
}
done();
