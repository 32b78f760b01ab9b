// SPDX-License-Identifier: MIT
// Starts and terminates workers, three hundred times.
// expect: closed
// limits: memory=256M;workers=64;turn-cpu=20s
// within: 60
let ended = 0;
const wave = () => {
    for (let i = 0; i < 20; i++) {
        const w = new Worker("data:text/javascript,for (;;) { try { postMessage(1) } catch {} }");
        w.onclose = () => {
            ended++;
            if (ended === 300) {
                close();
            } else if (ended % 20 === 0) {
                wave();
            }
        };
        w.terminate();
    }
};
wave();
