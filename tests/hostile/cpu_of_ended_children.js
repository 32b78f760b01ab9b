// SPDX-License-Identifier: MIT
// Children that end count on: a thousand short ones cost what one long one costs.
// expect: cpu
// limits: cpu=1s;workers=4
// within: 30
const start = () => {
    const w = new Worker("data:text/javascript,for (let i = 0; i < 1e7; i++); close()");
    w.onclose = start;
    w.onerror = (e) => e.preventDefault();
};
start();
start();
