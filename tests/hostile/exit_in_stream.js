// SPDX-License-Identifier: MIT
// Ends itself in the source of a stream.
// expect: closed
// limits: turn-cpu=2s
const reader = new ReadableStream({ pull: () => cay.exit() }).getReader();
await reader.read();
throw new Error("it went on");
