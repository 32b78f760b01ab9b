// SPDX-License-Identifier: MIT
// An endless list of what is to be transferred.
// expect: turn-cpu|memory|heap|lost
// limits: memory=32M;turn-cpu=1s
// loses: thread
postMessage(1, {
    transfer: {
        *[Symbol.iterator]() {
            for (;;) {
                yield new ArrayBuffer(8);
            }
        },
    },
});
