// SPDX-License-Identifier: MIT
// subtle.digest: the examples of FIPS 180-4's test vectors, sizes on both sides of every bound, arguments.
import { done, equal, ok, rejects } from "./lib/assert.js";

const hex = (buffer) => Array.from(new Uint8Array(buffer), (b) => b.toString(16).padStart(2, "0")).join("");
const bytes = (text) => new Uint8Array([...text].map((c) => c.charCodeAt(0)));
const digest = async (name, data) => hex(await crypto.subtle.digest(name, data));

const abc = bytes("abc");
const known = {
    "SHA-1": ["da39a3ee5e6b4b0d3255bfef95601890afd80709", "a9993e364706816aba3e25717850c26c9cd0d89d"],
    "SHA-256": [
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
    ],
    "SHA-384": [
        "38b060a751ac96384cd9327eb1b1e36a21fdb71114be07434c0cc7bf63f6e1da274edebfe76f65fbd51ad2f14898b95b",
        "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7",
    ],
    "SHA-512": [
        "cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce" +
        "47d0d13c5d85f2b0ff8318d2877eec2f63b931bd47417a81a538327af927da3e",
        "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a" +
        "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
    ],
};
for (const [name, [empty, three]] of Object.entries(known)) {
    equal(await digest(name, new Uint8Array(0)), empty);
    equal(await digest(name, abc), three);
    equal(await digest(name.toLowerCase(), abc.buffer), three);
    equal(await digest({ name, other: 1 }, new DataView(abc.buffer)), three);
}
const million = bytes("a".repeat(1_000_000));
equal(await digest("SHA-1", million), "34aa973cd4c4daa4f61eeb2bdbad27316534016f");
equal(await digest("SHA-256", million), "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
equal(await digest("SHA-1", million.subarray(5, 8)), await digest("SHA-1", bytes("aaa")));
// The same digest whether it is made at once or on another thread.
for (const n of [16383, 16384, 16385, 4 << 20, (4 << 20) + 1]) {
    const data = new Uint8Array(n).map((_, i) => i * 7);
    const padded = new Uint8Array(n + 3);
    padded.set(data, 3);
    equal(await digest("SHA-512", data), await digest("SHA-512", padded.subarray(3)));
}
ok(await crypto.subtle.digest("SHA-1", abc) instanceof ArrayBuffer);
equal((await crypto.subtle.digest("SHA-1", abc)).byteLength, 20);

// The data is that of the call.
const changing = new Uint8Array(100_000);
const before = digest("SHA-256", changing.slice());
const during = digest("SHA-256", changing);
changing.fill(1);
equal(await during, await before);
// What the algorithm's getter does comes before.
const turned = bytes("abd");
equal(await digest({
    get name() {
        turned[2] = 99;
        return "SHA-1";
    },
}, turned), known["SHA-1"][1]);
// Many at once, in their own order.
const many = await Promise.all(Array.from({ length: 200 }, (_, i) => digest("SHA-1", new Uint8Array(20_000).fill(i))));
equal(new Set(many).size, 200);

for (const wrong of ["MD5", "SHA1", "SHA-224", "", "SHA-256 ", "\u017fha-1", "SHA-1\n"]) {
    await rejects(crypto.subtle.digest(wrong, abc), "NotSupportedError");
}
await rejects(crypto.subtle.digest({}, abc), "TypeError");
await rejects(crypto.subtle.digest(Symbol("x"), abc), "TypeError");
for (const wrong of [undefined, null, "abc", 5, [1], {}]) {
    await rejects(crypto.subtle.digest("SHA-1", wrong), "TypeError");
}
await rejects(crypto.subtle.digest("SHA-1"), "TypeError");
await rejects(SubtleCrypto.prototype.digest.call({}, "SHA-1", abc), "TypeError");
done();
