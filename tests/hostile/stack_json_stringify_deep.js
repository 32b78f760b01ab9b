// SPDX-License-Identifier: MIT
// JSON of an object a million levels deep.
// expect: closed
// limits: memory=128M;turn-cpu=10s
let o = {};
for (let i = 0; i < 1e6; i++) {
    o = { o };
}
try {
    JSON.stringify(o);
    throw new Error("it was written");
} catch (e) {
    if (!(e instanceof RangeError)) {
        throw e;
    }
}
close();
