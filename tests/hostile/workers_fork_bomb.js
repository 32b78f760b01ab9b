// SPDX-License-Identifier: MIT
// Each worker starts two that do the same: the whole tree never has more than its root may.
// expect: closed|memory|cpu|heap
// limits: memory=128M;workers=16;depth=8;cpu=10s
// within: 30
globalThis.bomb = `
    let refused = 0;
    const start = () => {
        try {
            const w = new Worker("data:text/javascript," + encodeURIComponent("globalThis.bomb=" + JSON.stringify(bomb) + ";" + bomb));
            w.onerror = (e) => e.preventDefault();
        } catch (e) {
            refused++;
        }
    };
    start();
    start();
    let n = 0;
    setInterval(() => { if (++n > 20) { close(); } }, 10);
`;
const source = `data:text/javascript,${encodeURIComponent(`globalThis.bomb=${JSON.stringify(globalThis.bomb)};${globalThis.bomb}`)}`;
for (let i = 0; i < 2; i++) {
    const w = new Worker(source);
    w.onerror = (e) => e.preventDefault();
}
