// SPDX-License-Identifier: MIT
// Delays that are no delays.
// expect: closed
// limits: turn-cpu=5s
let fired = 0;
const delays = [-1, NaN, "x", 0.5, null, undefined, -(2 ** 31), -Infinity, Infinity, 2 ** 32, 1e-320, true, "1", [], {}];
for (const delay of delays) {
    setTimeout(() => fired++, delay);
}
for (const id of [-1, NaN, Infinity, 2 ** 53, "x", {}, null, undefined]) {
    clearTimeout(id);
    clearInterval(id);
}
const far = setTimeout(() => {}, 2 ** 31 - 1);
setTimeout(() => {
    clearTimeout(far);
    if (fired < 12) {
        throw new Error(`${fired} of ${delays.length} fired`);
    }
    close();
}, 100);
