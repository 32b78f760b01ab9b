// SPDX-License-Identifier: MIT
// Random values and UUIDs.
import { done, equal, ok, throws } from "./lib/assert.js";

const types = [
    Int8Array, Uint8Array, Uint8ClampedArray, Int16Array, Uint16Array, Int32Array, Uint32Array, BigInt64Array,
    BigUint64Array,
];
for (const Type of types) {
    const array = new Type(64);
    equal(crypto.getRandomValues(array), array);
    ok(new Set(array).size > 8, Type.name);
}
const whole = new Uint8Array(100);
crypto.getRandomValues(whole.subarray(10, 90));
ok(whole.subarray(0, 10).every((b) => b === 0) && whole.subarray(90).every((b) => b === 0));
ok(whole.subarray(10, 90).some((b) => b !== 0));
class Mine extends Uint8Array {}
ok(crypto.getRandomValues(new Mine(32)).some((b) => b !== 0));

equal(crypto.getRandomValues(new Uint8Array(65536)).length, 65536);
equal(throws(() => crypto.getRandomValues(new Uint8Array(65537)), "QuotaExceededError").code, 22);
throws(() => crypto.getRandomValues(new Uint16Array(32769)), "QuotaExceededError");
equal(crypto.getRandomValues(new Uint8Array(0)).length, 0);
for (const Type of [Float32Array, Float64Array]) {
    throws(() => crypto.getRandomValues(new Type(4)), "TypeMismatchError");
}
throws(() => crypto.getRandomValues(new DataView(new ArrayBuffer(4))), "TypeMismatchError");
for (const wrong of [undefined, null, 5, "x", [1], {}, new ArrayBuffer(4), { __proto__: Uint8Array.prototype }]) {
    throws(() => crypto.getRandomValues(wrong), "TypeError");
}
throws(() => crypto.getRandomValues(), "TypeError");
// An array that lies about itself.
const liar = new Float64Array(4);
Object.defineProperty(liar, Symbol.toStringTag, { value: "Uint8Array" });
throws(() => crypto.getRandomValues(liar), "TypeMismatchError");

const seen = new Set();
for (let i = 0; i < 500; i++) {
    const uuid = crypto.randomUUID();
    ok(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(uuid), uuid);
    seen.add(uuid);
}
equal(seen.size, 500);

const d = Object.getOwnPropertyDescriptor(globalThis, "crypto");
equal(typeof d.get, "function");
equal(d.set, undefined);
equal(crypto, crypto);
equal(Object.prototype.toString.call(crypto), "[object Crypto]");
equal(Object.prototype.toString.call(crypto.subtle), "[object SubtleCrypto]");
equal(crypto.subtle, crypto.subtle);
for (const f of [() => new Crypto(), () => new SubtleCrypto()]) {
    throws(f, "TypeError");
}
for (const fake of [{}, Object.create(Crypto.prototype), crypto.subtle, undefined]) {
    throws(() => Crypto.prototype.getRandomValues.call(fake, new Uint8Array(1)), "TypeError");
    throws(() => Crypto.prototype.randomUUID.call(fake), "TypeError");
    throws(() => Reflect.get(Crypto.prototype, "subtle", fake), "TypeError");
}
for (const name of ["encrypt", "sign", "generateKey", "importKey", "deriveBits"]) {
    equal(name in crypto.subtle, false);
}
equal("CryptoKey" in globalThis, false);
throws(() => structuredClone(crypto), "DataCloneError");
done();
