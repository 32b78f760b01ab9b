// SPDX-License-Identifier: MIT
//
// Timing with a coarse clock. A guest of cay sees steps of 1 ms, so an operation is never timed
// alone: run(n) performs n of them, and n is raised until one batch lasts at least `minMs`.

export async function timed(run, n) {
    const start = performance.now();
    await run(n);
    return performance.now() - start;
}

// Resolves to { n, samples }, each sample being milliseconds per operation. The batches that find
// n are the warm-up and are not counted. Where an operation wakes a thread, its time can change
// tenfold from one batch to the next (README.md); `limitMs` keeps such a run short.
export async function measure(run, { minMs = 60, batches = 3, first = 16, limitMs = 800 } = {}) {
    let n = first;
    for (;;) {
        const ms = await timed(run, n);
        if (ms >= minMs) {
            break;
        }
        n = ms < minMs / 8 ? n * 4 : Math.ceil((n * minMs * 1.2) / ms);
    }
    const samples = [];
    let total = 0;
    while (samples.length < batches && total < limitMs) {
        const ms = await timed(run, n);
        total += ms;
        samples.push(ms / n);
    }
    return { n, samples };
}

// Sends one message and waits for its echo, n times, over anything with post and a handler.
export class PingPong {
    #post;
    #make;
    #left = 0;
    #done = null;

    // make(previous) gives the next message; previous is the echo just received, or undefined.
    constructor(post, make) {
        this.#post = post;
        this.#make = make;
    }
    run(n) {
        return new Promise((resolve) => {
            this.#left = n;
            this.#done = resolve;
            this.#post(this.#make(undefined));
        });
    }
    echoed(value) {
        if (--this.#left > 0) {
            this.#post(this.#make(value));
        } else {
            this.#done();
        }
    }
}

export const smallObject = () => ({ id: 7, name: "ping", ok: true });
