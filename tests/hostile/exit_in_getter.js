// SPDX-License-Identifier: MIT
// Ends itself in a getter that the glue reads.
// expect: closed
// limits: turn-cpu=2s
addEventListener("x", () => {}, {
    get once() {
        cay.exit(3);
    },
});
throw new Error("it went on");
