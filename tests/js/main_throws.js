// SPDX-License-Identifier: MIT
// expect: exit=1 stderr~RangeError: at the top.*main_throws.js:4
// An error of the main module's evaluation.
throw new RangeError("at the top");
