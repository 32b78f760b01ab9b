// SPDX-License-Identifier: MIT
// The text of a body that never ends.
// expect: memory|heap|main-module|turn-cpu
// limits: memory=32M;turn-cpu=10s
// loses: thread
const chunk = new Uint8Array(2 ** 16).fill(97);
const stream = new ReadableStream({
    pull(controller) {
        controller.enqueue(chunk.slice());
    },
});
await new Response(stream).text();
