// SPDX-License-Identifier: MIT
// A loop that awaits: one turn that never ends.
// expect: turn-cpu
// limits: turn-cpu=200ms
for (;;) {
    await null;
}
