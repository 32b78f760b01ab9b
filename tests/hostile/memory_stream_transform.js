// SPDX-License-Identifier: MIT
// A transformer that makes a thousand chunks of one.
// expect: memory|heap|main-module|turn-cpu
// limits: memory=32M;turn-cpu=10s
// loses: thread
const grow = () => new TransformStream({
    transform(chunk, controller) {
        for (let i = 0; i < 1000; i++) {
            controller.enqueue([chunk, i]);
        }
    },
});
const source = new ReadableStream({
    start(controller) {
        controller.enqueue(1);
        controller.close();
    },
});
const reader = source.pipeThrough(grow()).pipeThrough(grow()).pipeThrough(grow()).getReader();
const all = [];
for (;;) {
    all.push(await reader.read());
}
