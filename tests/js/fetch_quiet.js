// SPDX-License-Identifier: MIT
// server: http
// flags: --allow-net=127.0.0.1:{port}
// args: http://127.0.0.1:{port}
// expect: exit=0 stdout~^idle$
// A response whose body nobody reads does not keep the worker: it ends when it has nothing else to do.
const [base] = cay.args;
globalThis.kept = await fetch(`${base}/endless`);
globalThis.reader = (await fetch(`${base}/half`)).body.getReader();
await reader.read();
console.log("idle");
