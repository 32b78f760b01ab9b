// SPDX-License-Identifier: MIT
// Array.from of a length alone.
// expect: lost|turn-cpu|memory|heap
// limits: memory=64M;turn-cpu=500ms
// loses: thread
// peak: 900
Array.from({ length: 2 ** 32 - 1 });
