// SPDX-License-Identifier: MIT
// Four children of which each stays far below the limit of their creator, and together are above it.
// expect: memory|heap
// limits: memory=48M;turn-cpu=10s;workers=8
// within: 30
const source = `
    const list = [];
    const step = () => {
        for (let i = 0; i < 1000 && list.length < 140000; i++) {
            list.push({ x: i, y: [1, 2, 3] });
        }
        setTimeout(step, 1);
    };
    step();`;
for (let i = 0; i < 6; i++) {
    const w = new Worker(`data:text/javascript,${encodeURIComponent(source)}`);
    w.onerror = (e) => e.preventDefault();
}
