// SPDX-License-Identifier: MIT
// The other half of ports.js: answers on a port until the other end is gone.

onmessage = ({ data: { port } }) => {
    port.onmessage = (event) => {
        port.postMessage(`${event.data} squared is ${event.data ** 2}`);
    };
    port.onclose = () => close();
};
