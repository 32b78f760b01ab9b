// SPDX-License-Identifier: MIT
// Nothing is shared: globals, prototypes and values of one worker are not those of another.
import { child, done, equal, receive } from "./lib/assert.js";

globalThis.shared = 1;
Array.prototype.patched = true;
const worker = child("postMessage([typeof shared, [].patched === undefined, typeof Worker, self !== undefined])");
const [shared, clean, constructor, hasSelf] = await receive(worker);
equal(shared, "undefined");
equal(clean, true);
equal(constructor, "function");
equal(hasSelf, true);
worker.terminate();
delete Array.prototype.patched;
done();
