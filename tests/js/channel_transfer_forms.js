// SPDX-License-Identifier: MIT
// The transfer list may be any iterable, or the member of an options object.
import { done, equal, receiveMany } from "./lib/assert.js";

const { port1, port2 } = new MessageChannel();
const got = receiveMany(port2, 3);
const buffers = [1, 2, 3].map((n) => new ArrayBuffer(n));
port1.postMessage(buffers[0], [buffers[0]]);
port1.postMessage(buffers[1], new Set([buffers[1]]));
port1.postMessage(buffers[2], {
    transfer: {
        *[Symbol.iterator]() {
            yield buffers[2];
        },
    },
});
port2.start();
for (const buffer of buffers) {
    equal(buffer.byteLength, 0);
}
const sizes = (await got).map((b) => b.byteLength);
equal(sizes.join(), "1,2,3");
done();
