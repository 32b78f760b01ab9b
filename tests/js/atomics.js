// SPDX-License-Identifier: MIT
// flags: --allow-shared-memory
// Atomics.wait blocks the worker; there is no waitAsync, which would not count as something to wait for.
import { done, equal } from "./lib/assert.js";

const cells = new Int32Array(new SharedArrayBuffer(4));
equal(Atomics.wait(cells, 0, 0, 5), "timed-out");
equal(Atomics.wait(cells, 0, 1), "not-equal");
equal(Atomics.add(cells, 0, 2), 0);
equal("waitAsync" in Atomics, false);
done();
