// SPDX-License-Identifier: MIT
// Every match of a long text, with its groups.
// expect: memory|heap|turn-cpu
// limits: memory=32M;turn-cpu=10s
// loses: thread
[..."ab".repeat(4e6).matchAll(/(?<a>a)(?<b>b)/g)];
