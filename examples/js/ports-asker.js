// SPDX-License-Identifier: MIT
// Half of ports.js: asks through whatever port it is given.

onmessage = ({ data: { port } }) => {
    const answers = [];
    // Setting onmessage also starts the port; with addEventListener, call port.start().
    port.onmessage = (event) => {
        answers.push(event.data);
        if (answers.length === 3) {
            postMessage(answers.join(", "));
            port.close();
        }
    };
    for (const question of [2, 3, 4]) {
        port.postMessage(question);
    }
};
