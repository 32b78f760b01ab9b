// SPDX-License-Identifier: MIT
// concat of arrays of holes, one spreadable without being an array.
// expect: lost|turn-cpu|memory|heap|main-module
// limits: memory=64M;turn-cpu=300ms
// loses: thread
[].concat({ length: 2 ** 53 - 1, [Symbol.isConcatSpreadable]: true });
