// SPDX-License-Identifier: MIT
// A module whose address is a megabyte long imports six hundred others; each import knows who asked for it.
// expect: closed|memory|heap|main-module
// limits: memory=64M;turn-cpu=20s
// not-under: asan
// within: 60
let source = "";
for (let i = 0; i < 600; i++) {
    source += `import"data:text/javascript,${i}";`;
}
await import(`data:text/javascript,/*${"x".repeat(2 ** 20)}*/${encodeURIComponent(source)}`);
close();
