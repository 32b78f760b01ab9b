// SPDX-License-Identifier: MIT
// ArrayBuffer, every typed array, DataView; views of one buffer stay views of one buffer.
import { done, equal, same } from "./lib/assert.js";

const types = [
    Int8Array, Uint8Array, Uint8ClampedArray, Int16Array, Uint16Array, Int32Array, Uint32Array,
    Float32Array, Float64Array,
];
for (const Type of types) {
    const copy = structuredClone(new Type([1, 2, 3]));
    equal(copy.constructor, Type);
    same([...copy], [1, 2, 3]);
}
equal(structuredClone(new BigInt64Array([-1n]))[0], -1n);
equal(structuredClone(new BigUint64Array([2n ** 64n - 1n]))[0], 2n ** 64n - 1n);
const buffer = new ArrayBuffer(16);
const views = structuredClone({ a: new Uint8Array(buffer, 4, 8), b: new DataView(buffer, 2), buffer });
equal(views.a.buffer, views.buffer);
equal(views.b.buffer, views.buffer);
same([views.a.byteOffset, views.a.length, views.b.byteOffset, views.b.byteLength], [4, 8, 2, 14]);
equal(structuredClone(new ArrayBuffer(0)).byteLength, 0);
const big = new Uint8Array(1 << 20).fill(7);
const bigCopy = structuredClone(big);
same([bigCopy.length, bigCopy[0], bigCopy[bigCopy.length - 1]], [1 << 20, 7, 7]);
done();
