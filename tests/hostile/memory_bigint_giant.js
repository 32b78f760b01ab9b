// SPDX-License-Identifier: MIT
// One integer that doubles until the engine refuses it.
// expect: memory|heap|turn-cpu|closed|lost
// limits: memory=32M;turn-cpu=5s
// loses: thread
// peak: 900
let n = 1n;
try {
    for (let bits = 1n; ; bits *= 2n) {
        n <<= bits;
    }
} catch (e) {
    if (!(e instanceof RangeError)) {
        throw e;
    }
}
close();
