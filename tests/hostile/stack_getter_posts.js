// SPDX-License-Identifier: MIT
// A getter in a message that posts the same message.
// expect: closed
// limits: turn-cpu=5s
let n = 0;
const o = {
    get x() {
        n++;
        postMessage(o);
        return 1;
    },
};
try {
    postMessage(o);
} catch (e) {
    if (!(e instanceof RangeError) && e.name !== "DataCloneError" && e.name !== "QuotaExceededError") {
        throw e;
    }
}
if (n < 50) {
    throw new Error(`reached ${n}`);
}
close();
