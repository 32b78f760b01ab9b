// SPDX-License-Identifier: MIT
// A message with as many ports as there can be, to a host that does not read.
// expect: closed
// limits: turn-cpu=10s
// host: silent
let name = "none";
try {
    for (let i = 0; i < 100; i++) {
        const ports = [];
        for (let k = 0; k < 400; k++) {
            ports.push(new MessageChannel().port1);
        }
        postMessage(i, ports);
    }
} catch (e) {
    ({ name } = e);
}
if (name !== "QuotaExceededError") {
    throw new Error(`40,000 ports on their way, then ${name}`);
}
close();
