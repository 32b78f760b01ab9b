// SPDX-License-Identifier: MIT
// flags: --allow-wasm
// Without the shared-memory switch there is no SharedArrayBuffer, and Atomics cannot wait, also where WebAssembly
// could make shared memory.
import { done, equal } from "./lib/assert.js";

equal("SharedArrayBuffer" in globalThis, false);
equal("wait" in Atomics, false);
equal("waitAsync" in Atomics, false);
equal(Atomics.add(new Int32Array(1), 0, 1), 0);

// A shared memory of WebAssembly would be in nobody's account: it is an ordinary one.
const memory = new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true });
equal(memory.buffer instanceof ArrayBuffer, true);
done();
