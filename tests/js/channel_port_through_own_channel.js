// SPDX-License-Identifier: MIT
// A port sent through its own partner would wait in itself: it is refused, or is gone for good; no crash.
import { done, sleep } from "./lib/assert.js";

const { port1, port2 } = new MessageChannel();
try {
    port1.postMessage("partner", [port2]);
} catch (e) {
    if (e.name !== "DataCloneError") {
        throw e;
    }
}
port1.postMessage("after");
port1.start();
await sleep(5);
done();
