// SPDX-License-Identifier: MIT
// An iterator that is never done.
// expect: turn-cpu
// limits: turn-cpu=200ms
const endless = { [Symbol.asyncIterator]: () => ({ next: async () => ({ value: 1, done: false }) }) };
for await (const x of endless) {
    globalThis.last = x;
}
