// SPDX-License-Identifier: MIT
// Bytes moved to a worker and back are the same bytes, and gone here meanwhile.
import { child, done, equal, once } from "./lib/assert.js";

const worker = child("onmessage = ({ data }) => { new Uint8Array(data)[0]++; postMessage(data, [data]); }");
let buffer = new ArrayBuffer(1 << 20);
for (let i = 1; i <= 5; i++) {
    worker.postMessage(buffer, [buffer]);
    equal(buffer.byteLength, 0);
    buffer = (await once(worker, "message")).data;
    equal(buffer.byteLength, 1 << 20);
    equal(new Uint8Array(buffer)[0], i);
}
worker.terminate();
done();
