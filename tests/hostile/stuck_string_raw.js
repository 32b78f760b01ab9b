// SPDX-License-Identifier: MIT
// String.raw of a template that says it has 2^53 parts.
// expect: lost|turn-cpu|memory|heap|main-module
// limits: memory=64M;turn-cpu=300ms
// loses: thread
String.raw({ raw: { length: 2 ** 53 - 1 } });
