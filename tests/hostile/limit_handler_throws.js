// SPDX-License-Identifier: MIT
// The handler of `limit` throws.
// expect: turn-cpu|uncaught
// limits: turn-cpu=300ms
// uncaught: report
addEventListener("limit", () => {
    throw new Error("in the handler");
});
for (;;);
