// SPDX-License-Identifier: MIT
// A getter that detaches or shrinks what is being cloned meets an error, not memory.
import { done, equal } from "./lib/assert.js";

const buffer = new ArrayBuffer(1024);
const view = new Uint8Array(buffer);
let outcome = "cloned";
try {
    structuredClone({
        get a() {
            structuredClone(0, { transfer: [buffer] });
            return 1;
        },
        view,
        buffer,
    });
} catch (e) {
    outcome = e.name;
}
equal(outcome === "cloned" || outcome === "DataCloneError", true);

const second = new ArrayBuffer(1024);
try {
    structuredClone({
        get a() {
            structuredClone(0, { transfer: [second] });
            return 1;
        },
    }, { transfer: [second] });
} catch (e) {
    equal(e.name, "DataCloneError");
}
equal(second.byteLength, 0);
const list = [1, 2, 3];
Object.defineProperty(list, 0, { get() { list.length = 0; return 9; }, enumerable: true });
equal(structuredClone(list)[0], 9);
done();
