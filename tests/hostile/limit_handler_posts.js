// SPDX-License-Identifier: MIT
// The last words of a worker that loops.
// expect: turn-cpu
// limits: turn-cpu=300ms
// says: "told"
addEventListener("limit", () => postMessage("told"));
for (;;);
