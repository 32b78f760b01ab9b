// SPDX-License-Identifier: MIT
// Values a million levels deep cannot be posted, by whatever way.
// expect: closed
// limits: memory=256M;turn-cpu=10s
// peak: 700
const chains = [{}, [], new Map(), new Set(), new Error("e")];
for (let i = 0; i < 3e5; i++) {
    chains[0] = { o: chains[0] };
    chains[1] = [chains[1]];
    chains[2] = new Map([[1, chains[2]]]);
    chains[3] = new Set([chains[3]]);
}
for (let i = 0; i < 1e4; i++) {
    chains[4] = new Error("e", { cause: chains[4] });
}
const { port1 } = new MessageChannel();
let refused = 0;
for (const chain of chains) {
    for (const send of [structuredClone, (v) => postMessage(v), (v) => port1.postMessage(v)]) {
        try {
            send(chain);
        } catch (e) {
            refused += e instanceof RangeError || e.name === "DataCloneError";
        }
    }
}
if (refused < 12) {
    throw new Error(`refused ${refused} of 15`);
}
close();
