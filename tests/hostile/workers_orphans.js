// SPDX-License-Identifier: MIT
// Ends while its children loop, and theirs.
// expect: closed
// limits: memory=256M;turn-cpu=10s
const source = `
    for (let i = 0; i < 2; i++) {
        new Worker("data:text/javascript,postMessage(1);for(;;);").onmessage = () => postMessage(1);
    }`;
let n = 0;
for (let i = 0; i < 3; i++) {
    new Worker(`data:text/javascript,${encodeURIComponent(source)}`).onmessage = () => {
        if (++n === 3) {
            close();
        }
    };
}
