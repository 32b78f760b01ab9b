// SPDX-License-Identifier: MIT
// The handler of `limit` posts as much as it can to a host that does not read.
// expect: cpu
// limits: cpu=400ms;turn-cpu=400ms
// host: silent
// peak: 200
addEventListener("limit", () => {
    for (;;) {
        try {
            postMessage("x".repeat(1000));
        } catch {
            // Full.
        }
    }
});
for (;;);
