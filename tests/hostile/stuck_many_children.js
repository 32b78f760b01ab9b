// SPDX-License-Identifier: MIT
// Four children that cannot be ended, at once.
// expect: closed
// limits: memory=128M;turn-cpu=1s;cpu=60s
// loses: thread
// within: 40
let ended = 0;
for (let i = 0; i < 4; i++) {
    const w = new Worker("data:text/javascript,new Array(2**32-1).lastIndexOf(1)", { cay: { limits: { turnCpu: 200 } } });
    w.onerror = (e) => e.preventDefault();
    w.onclose = () => {
        if (++ended === 4) {
            close();
        }
    };
}
