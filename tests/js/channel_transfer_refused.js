// SPDX-License-Identifier: MIT
// What a transfer list does not take; and a refused message moves nothing.
import { done, equal, receive, throws } from "./lib/assert.js";

const { port1, port2 } = new MessageChannel();
const other = new MessageChannel();
throws(() => port1.postMessage(0, [port1]), "DataCloneError");
throws(() => port1.postMessage(0, [other.port1, other.port1]), "DataCloneError");
throws(() => port1.postMessage(other.port1), "DataCloneError");
throws(() => port1.postMessage(0, [{}]), "DataCloneError");
throws(() => port1.postMessage(0, [1]), "TypeError");
throws(() => port1.postMessage(0, 1), "TypeError");
throws(() => port1.postMessage(0, { transfer: 1 }), "TypeError");
throws(() => port1.postMessage(0, { transfer: null }), "TypeError");
throws(() => port1.postMessage(), "TypeError");
const buffer = new ArrayBuffer(4);
throws(() => port1.postMessage(() => {}, [buffer, other.port1]), "DataCloneError");
equal(buffer.byteLength, 4);
throws(() => port1.postMessage(0, [buffer, buffer]), "DataCloneError");
equal(buffer.byteLength, 4);
const data = receive(other.port2);
other.port1.postMessage("still here");
other.port2.start();
equal(await data, "still here");
port1.postMessage(0, undefined);
port1.postMessage(0, null);
port1.postMessage(0, {});
port1.postMessage(0, []);
port2.close();
done();
