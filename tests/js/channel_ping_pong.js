// SPDX-License-Identifier: MIT
// A thousand round trips between the two ends of a channel.
import { done, equal } from "./lib/assert.js";

const { port1, port2 } = new MessageChannel();
port2.onmessage = (e) => port2.postMessage(e.data + 1);
const last = await new Promise((resolve) => {
    port1.onmessage = (e) => {
        if (e.data >= 1000) {
            resolve(e.data);
        } else {
            port1.postMessage(e.data);
        }
    };
    port1.postMessage(0);
});
equal(last, 1000);
done();
