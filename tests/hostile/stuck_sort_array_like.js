// SPDX-License-Identifier: MIT
// The sort of an object that says it has 2^32 elements: V8 10.2 gives up for want of memory.
// expect: memory|heap|engine|lost|turn-cpu|main-module
// limits: memory=32M;turn-cpu=2s
// loses: thread
// peak: 2500
// not-under: asan
Array.prototype.sort.call({ length: 2 ** 32 });
