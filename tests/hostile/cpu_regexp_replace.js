// SPDX-License-Identifier: MIT
// A global replacement by a pattern that backtracks at each place.
// expect: turn-cpu
// limits: turn-cpu=200ms
"x".repeat(1e6).replace(/x*x*x*x*y/g, "");
