// SPDX-License-Identifier: MIT
// A port in a message in a port in a message: the outermost is closed with all that is in it.
// expect: closed
// limits: memory=64M;turn-cpu=10s;ports=100000
let depth = 0;
let { port1, port2 } = new MessageChannel();
try {
    for (; depth < 20000; depth++) {
        const next = new MessageChannel();
        next.port1.postMessage("inner", [port2]);
        port2 = next.port2;
    }
} catch (e) {
    if (e.name !== "QuotaExceededError" && e.name !== "DataCloneError") {
        throw e;
    }
}
if (depth < 10) {
    throw new Error(`only ${depth}`);
}
port2.close();
port1.close();
close();
