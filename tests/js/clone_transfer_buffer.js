// SPDX-License-Identifier: MIT
// A transferred buffer is detached here; its bytes are there. A detached one is refused.
import { done, equal, same, throws } from "./lib/assert.js";

const bytes = new Uint8Array([1, 2, 3]);
const { buffer } = bytes;
const copy = structuredClone({ bytes, buffer }, { transfer: [buffer] });
equal(buffer.byteLength, 0);
equal(bytes.length, 0);
same([...copy.bytes], [1, 2, 3]);
equal(copy.bytes.buffer, copy.buffer);
throws(() => structuredClone(buffer, { transfer: [buffer] }), "DataCloneError");
const other = new ArrayBuffer(4);
throws(() => structuredClone(0, { transfer: [other, other] }), "DataCloneError");
equal(other.byteLength, 4);
// Not part of the value, but transferred all the same.
structuredClone(0, { transfer: [other] });
equal(other.byteLength, 0);
throws(() => structuredClone(0, [new ArrayBuffer(1)].transfer = 5), "TypeError");
done();
