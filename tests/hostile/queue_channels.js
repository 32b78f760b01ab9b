// SPDX-License-Identifier: MIT
// Channels without end: a worker holds so many ports, and no more.
// expect: closed
// limits: turn-cpu=10s;ports=200
const kept = [];
let name = "";
try {
    while (kept.length < 10000) {
        kept.push(new MessageChannel());
    }
} catch (e) {
    ({ name } = e);
}
if (name !== "QuotaExceededError" || kept.length > 100) {
    throw new Error(`${kept.length} channels, then ${name}`);
}
kept.pop().port1.close();
close();
