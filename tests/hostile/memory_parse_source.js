// SPDX-License-Identifier: MIT
// A source text as large as the heap lets it be: its tree is not in the heap.
// expect: closed|memory|heap|turn-cpu|lost|main-module
// limits: memory=32M;turn-cpu=3s
// grants: eval
// loses: thread
// peak: 1000
(0, eval)(`() => {${"a=[1,{b:2}];".repeat(1e6)}}`);
(0, eval)(`(() => {${"a=[1,{b:2}];".repeat(1e6)}})()`);
close();
