// SPDX-License-Identifier: MIT
// A source that pushes whether or not anybody reads.
// expect: memory|heap|main-module
// limits: memory=32M;turn-cpu=10s
// loses: thread
new ReadableStream({
    start(controller) {
        for (;;) {
            controller.enqueue({ chunk: [1, 2, 3] });
        }
    },
});
