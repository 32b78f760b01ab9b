// SPDX-License-Identifier: MIT
// A stream that is read for ever.
// expect: turn-cpu
// limits: turn-cpu=300ms
const reader = new ReadableStream({
    pull(controller) {
        controller.enqueue(1);
    },
}).getReader();
for (;;) {
    await reader.read();
}
