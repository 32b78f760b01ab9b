// SPDX-License-Identifier: MIT
// Imports without end, none of which is waited for.
// expect: memory|heap|turn-cpu|closed
// limits: memory=32M;turn-cpu=5s
// loses: thread
let refused = 0;
for (let i = 0; i < 1e6; i++) {
    try {
        import(`data:text/javascript,export let a=${i}`).catch(() => {
            refused++;
        });
    } catch {
        refused++;
    }
}
close();
