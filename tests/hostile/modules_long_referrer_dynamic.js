// SPDX-License-Identifier: MIT
// The same with import(), which fails for most: what was asked for stays known.
// expect: closed|memory|heap|main-module|turn-cpu
// limits: memory=64M;turn-cpu=20s;startup=unlimited
// not-under: asan
// within: 60
const source = `/*${"x".repeat(2 ** 20)}*/
    const all = [];
    for (let i = 0; i < 300; i++) {
        all.push(import("data:text/javascript,throw " + i).catch(() => {}));
    }
    await Promise.all(all);`;
await import(`data:text/javascript,${encodeURIComponent(source)}`);
close();
