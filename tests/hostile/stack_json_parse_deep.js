// SPDX-License-Identifier: MIT
// JSON a million levels deep, read with a reviver, which recurses.
// expect: closed
// limits: memory=256M;turn-cpu=10s
// peak: 700
const text = `${"[".repeat(1e6)}${"]".repeat(1e6)}`;
JSON.parse(text);
try {
    JSON.parse(text, (k, v) => v);
    throw new Error("it was revived");
} catch (e) {
    if (!(e instanceof RangeError)) {
        throw e;
    }
}
close();
