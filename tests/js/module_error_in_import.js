// SPDX-License-Identifier: MIT
// expect: exit=1 stderr~SyntaxError.*bad_syntax\.js:3
// A syntax error in an imported module is told with its own file and line.
import "./lib/bad_syntax.js";
