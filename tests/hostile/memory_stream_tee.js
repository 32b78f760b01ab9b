// SPDX-License-Identifier: MIT
// One branch is read and the other is not.
// expect: memory|heap|main-module|turn-cpu
// limits: memory=32M;turn-cpu=10s
// loses: thread
let branch = new ReadableStream({
    pull(controller) {
        controller.enqueue(new Array(1000).fill(0));
    },
});
const kept = [];
for (let i = 0; i < 10; i++) {
    const [one, two] = branch.tee();
    kept.push(two);
    branch = one;
}
const reader = branch.getReader();
for (;;) {
    await reader.read();
}
