// SPDX-License-Identifier: MIT
// The child of nested.js. A relative URL given to Worker is relative to this worker's own main module.

function ask(from, to, limit) {
    return new Promise((resolve) => {
        const worker = new Worker("./nested-child.js", { name: `${from}-${to}` });
        worker.onmessage = ({ data }) => {
            worker.terminate();
            resolve(data);
        };
        worker.postMessage({ from, to, limit });
    });
}

onmessage = async ({ data: { from, to, limit } }) => {
    if (to - from < limit) {
        let sum = 0;
        for (let i = from; i <= to; i++) {
            sum += i;
        }
        postMessage({ sum, workers: 1 });
        return;
    }
    const middle = Math.floor((from + to) / 2);
    const [left, right] = await Promise.all([
        ask(from, middle, limit),
        ask(middle + 1, to, limit),
    ]);
    postMessage({ sum: left.sum + right.sum, workers: left.workers + right.workers + 1 });
};
