// SPDX-License-Identifier: MIT
// The main worker may post to its host, whether anybody listens or not.
import { done, throws } from "./lib/assert.js";

postMessage({ to: "the host" });
const buffer = new ArrayBuffer(8);
postMessage(buffer, [buffer]);
throws(() => postMessage(() => {}), "DataCloneError");
throws(() => postMessage(), "TypeError");
done();
