// SPDX-License-Identifier: MIT
// A regular expression that tries 2^40 ways.
// expect: turn-cpu
// limits: turn-cpu=200ms
/^(a+)+$/.test(`${"a".repeat(40)}b`);
