// SPDX-License-Identifier: MIT
// Six children, none of which has much, and together more than their creator may have: some of them have to go.
// expect: closed
// limits: memory=48M;turn-cpu=10s;workers=8
// within: 30
// says: "memory limit"
const source = `
    const list = [];
    const step = () => {
        for (let i = 0; i < 10000 && list.length < 140000; i++) {
            list.push({ x: i, y: [1, 2, 3] });
        }
        setTimeout(step, 1);
    };
    step();`;
for (let i = 0; i < 6; i++) {
    const w = new Worker(`data:text/javascript,${encodeURIComponent(source)}`);
    w.onerror = (e) => e.preventDefault();
    w.onclose = (e) => {
        postMessage(e.reason);
        close();
    };
}
