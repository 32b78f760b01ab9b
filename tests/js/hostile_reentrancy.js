// SPDX-License-Identifier: MIT
// Guest code that runs in the middle of a conversion cannot upset what the conversion is for.
import { done, equal, sleep, throws } from "./lib/assert.js";

const { port1, port2 } = new MessageChannel();
let got = 0;
port2.onmessage = () => got++;
// The port closes while its message is converted.
port1.postMessage({ get a() { port1.close(); return 1; } });
await sleep(5);
equal(got <= 1, true);

const other = new MessageChannel();
const carrier = new MessageChannel();
try {
    // The port in the list is moved by a getter of the message.
    carrier.port1.postMessage({ get a() { carrier.port1.postMessage(0, [other.port1]); return 1; } }, [other.port1]);
} catch (e) {
    equal(e.name, "DataCloneError");
}
const target = new EventTarget();
const type = { toString() { target.addEventListener("x", () => {}); return "x"; } };
target.addEventListener(type, () => target.removeEventListener("x", null));
target.dispatchEvent(new Event("x"));
const controller = new AbortController();
controller.signal.addEventListener("abort", () => controller.abort("again"));
controller.abort("first");
equal(controller.signal.reason, "first");
const id = setInterval(() => {
    clearInterval(id);
    clearInterval(id);
}, 0);
throws(() => setTimeout(() => {}, { valueOf() { clearTimeout(1); throw new URIError("v"); } }), "URIError");
await sleep(5);
done();
