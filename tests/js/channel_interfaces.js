// SPDX-License-Identifier: MIT
// MessagePort and MessageChannel as interfaces.
import { done, equal, throws } from "./lib/assert.js";

const channel = new MessageChannel();
equal(channel.port1, channel.port1);
equal(Object.prototype.toString.call(channel.port1), "[object MessagePort]");
equal(channel.port1 instanceof EventTarget, true);
throws(() => new MessagePort(), "TypeError");
throws(() => MessageChannel(), "TypeError");
throws(() => MessagePort.prototype.postMessage.call({}, 1), "TypeError");
throws(() => MessagePort.prototype.close.call(channel), "TypeError");
throws(() => MessagePort.prototype.start.call(new EventTarget()), "TypeError");
throws(() => Object.getOwnPropertyDescriptor(MessageChannel.prototype, "port1").get.call(channel.port1), "TypeError");
throws(() => MessagePort.prototype.onmessage, "TypeError");
throws(() => structuredClone(channel), "DataCloneError");
channel.port1.postMessage(1);
done();
