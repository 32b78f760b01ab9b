// SPDX-License-Identifier: MIT
// expect: exit=1 stderr~SyntaxError.*main_syntax_error.js:4
// A main module that does not parse.
const a = ;
