// SPDX-License-Identifier: MIT
// Workers that create workers: `cay run examples/js/nested.js`.
//
// A worker has its own heap and its own globals and shares nothing: all it can do with others is exchange
// messages. This one asks a child for the sum of a range; the child halves the range and asks two children
// of its own, until the ranges are small.
const worker = new Worker("./nested-child.js", { name: "top" });

worker.onmessage = ({ data }) => {
    console.log(`sum of 1..1000 = ${data.sum}, by ${data.workers} workers`);
    // The answer is here; nothing else is expected of the tree below.
    worker.terminate();
};

// Not in the web platform: a worker's end is an event, exactly once and after everything else.
worker.onclose = (event) => {
    console.log(`the worker ended: ${event.reason}`);
};

// An error that a worker does not handle itself arrives here.
worker.onerror = (event) => {
    console.error(`worker failed: ${event.message}`);
};

worker.postMessage({ from: 1, to: 1000, limit: 250 });
