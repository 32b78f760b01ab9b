// SPDX-License-Identifier: MIT
// Workers without end: they are refused above the limit.
// expect: closed
// limits: memory=256M;workers=8;turn-cpu=10s
const kept = [];
let name = "";
try {
    while (kept.length < 1000) {
        kept.push(new Worker("data:text/javascript,onmessage = () => {}"));
    }
} catch (e) {
    ({ name } = e);
}
if (kept.length !== 8 || name !== "QuotaExceededError") {
    throw new Error(`${kept.length} workers, then ${name}`);
}
// One that ends makes room for another.
kept[0].onclose = () => {
    new Worker("data:text/javascript,0");
    close();
};
kept[0].terminate();
