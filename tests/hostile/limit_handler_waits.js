// SPDX-License-Identifier: MIT
// The handler of `limit` is async, and its promise goes on for ever.
// expect: turn-cpu
// limits: turn-cpu=300ms;cpu=2s
addEventListener("limit", async () => {
    for (;;) {
        await 1;
    }
});
for (;;);
