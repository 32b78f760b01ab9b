// SPDX-License-Identifier: MIT
// A pool of workers that hashes what it is given.
//
//   cay run examples/js/pool.js             hashes a few buffers of its own
//   cay run examples/js/pool.js --host      takes its work from the program that embeds cay
//
// With --host, the host posts { name, bytes } for each file (bytes: an ArrayBuffer or a typed array) and gets
// { name, size, sha256 } back, in the order in which the work is done; null means "no more". The script never
// sees the file system: the bytes that the host sends are all that it can read.

class Pool {
    #idle = [];
    #queue = [];
    #jobs = new Map();
    #lastId = 0;

    constructor(size) {
        for (let i = 0; i < size; i++) {
            const worker = new Worker("./pool-worker.js", { name: `hash-${i}` });
            worker.onmessage = ({ data }) => this.#finish(worker, data);
            worker.onerror = (event) => {
                throw new Error(`a worker of the pool failed: ${event.message}`);
            };
            this.#idle.push(worker);
        }
    }

    // Bytes are moved to a worker, not copied: the caller's buffer is empty afterwards.
    hash(buffer) {
        return new Promise((resolve) => {
            const id = ++this.#lastId;
            this.#jobs.set(id, resolve);
            this.#queue.push({ id, bytes: buffer });
            this.#next();
        });
    }

    end() {
        for (const worker of this.#idle) {
            worker.terminate();
        }
    }

    #next() {
        while (this.#idle.length > 0 && this.#queue.length > 0) {
            const job = this.#queue.shift();
            this.#idle.pop().postMessage(job, [job.bytes]);
        }
    }

    #finish(worker, { id, sha256 }) {
        this.#jobs.get(id)(sha256);
        this.#jobs.delete(id);
        this.#idle.push(worker);
        this.#next();
    }
}

const pool = new Pool(navigator.hardwareConcurrency);

// A buffer that can be moved: typed arrays may be a window on a larger one.
function ownBuffer(bytes) {
    return ArrayBuffer.isView(bytes)
        ? bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength)
        : bytes;
}

async function serveHost() {
    const pending = [];
    await new Promise((resolve) => {
        onmessage = ({ data }) => {
            if (data === null) {
                resolve();
                return;
            }
            const size = data.bytes.byteLength;
            pending.push(pool.hash(ownBuffer(data.bytes)).then((sha256) => {
                postMessage({ name: data.name, size, sha256 });
            }));
        };
    });
    await Promise.all(pending);
}

async function hashOwnBuffers() {
    const sizes = [0, 3, 64, 1000, 100000, 1000000];
    await Promise.all(sizes.map(async (size) => {
        const bytes = new Uint8Array(size).fill(0x61);
        console.log(`${String(size).padStart(8)} x "a"  ${await pool.hash(bytes.buffer)}`);
    }));
}

await (cay.args[0] === "--host" ? serveHost() : hashOwnBuffers());
pool.end();
close();
