// SPDX-License-Identifier: MIT
// One module imports three thousand.
// expect: closed|memory|heap
// limits: memory=256M;turn-cpu=20s
// not-under: asan
// within: 40
// peak: 700
let source = "";
for (let i = 0; i < 3000; i++) {
    source += `import{a as a${i}}from"data:text/javascript,export let a=${i}";`;
}
await import(`data:text/javascript,${encodeURIComponent(`${source}export default a2999`)}`);
close();
