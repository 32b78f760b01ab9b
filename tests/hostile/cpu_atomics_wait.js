// SPDX-License-Identifier: MIT
// Waits where nobody notifies: no CPU, so only time ends it.
// expect: wall
// limits: wall=500ms
// grants: shared-memory
Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
