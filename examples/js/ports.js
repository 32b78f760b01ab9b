// SPDX-License-Identifier: MIT
// A port handed from worker to worker: `cay run examples/js/ports.js`.
//
// A MessageChannel is a pair of connected ports. Naming a port in the transfer list of postMessage moves it:
// afterwards this script has nothing to do with the conversation, which goes from worker to worker.
const asker = new Worker("./ports-asker.js", { name: "asker" });
const clerk = new Worker("./ports-clerk.js", { name: "clerk" });

const { port1, port2 } = new MessageChannel();
clerk.postMessage({ port: port2 }, [port2]);
asker.postMessage({ port: port1 }, [port1]);

asker.onmessage = ({ data }) => {
    console.log(`the asker reports: ${data}`);
    asker.terminate();
};

// The asker's end closed its port, so the clerk's port told the clerk, which closed itself.
clerk.onclose = ({ reason }) => {
    console.log(`the clerk ended: ${reason}`);
};
