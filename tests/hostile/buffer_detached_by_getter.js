// SPDX-License-Identifier: MIT
// The buffer in a message is detached by a getter of the same message.
// expect: closed
// limits: turn-cpu=5s
const { port1, port2 } = new MessageChannel();
let errors = 0;
for (let i = 0; i < 200; i++) {
    const bytes = new Uint8Array(1000).fill(1);
    try {
        postMessage({
            before: bytes,
            get x() {
                port1.postMessage(0, [bytes.buffer]);
                return bytes;
            },
            after: bytes,
        }, i % 2 ? [bytes.buffer] : []);
    } catch (e) {
        errors++;
    }
    if (bytes.byteLength !== 0) {
        throw new Error("it is still there");
    }
}
port2.close();
if (errors < 100) {
    throw new Error(`${errors} were refused`);
}
close();
