// SPDX-License-Identifier: MIT
// Ends itself in a finalizer.
// expect: closed
// limits: memory=32M;turn-cpu=2s
const registry = new FinalizationRegistry(() => cay.exit());
setInterval(() => {
    for (let i = 0; i < 1000; i++) {
        registry.register(new Array(100), i);
    }
});
