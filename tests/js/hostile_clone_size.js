// SPDX-License-Identifier: MIT
// flags: --max-memory=1G
// One string named many times cannot fill the memory of the process with its copies.
import { done, equal } from "./lib/assert.js";

const list = new Array(64).fill("x".repeat(2 ** 26));
const { port1 } = new MessageChannel();
for (const send of [() => structuredClone(list), () => port1.postMessage(list)]) {
    let name = "none";
    try {
        send();
    } catch (e) {
        ({ name } = e);
    }
    equal(name, "DataCloneError");
}
done();
