// SPDX-License-Identifier: MIT
// A child reports errors without end; its parent listens slowly.
// expect: closed|memory
// limits: memory=64M;turn-cpu=5s
// uncaught: report
const w = new Worker("data:text/javascript,const f = () => { setTimeout(f); throw new Error('x'.repeat(60000)) }; for (let i = 0; i < 100; i++) setTimeout(f)");
let n = 0;
w.onerror = (e) => {
    e.preventDefault();
    if (++n === 200) {
        close();
    }
};
