// SPDX-License-Identifier: MIT
// expect: exit=1 stderr~no_such_file\.js.*module_missing_import\.js
// An import that does not exist: the message names the file and who asked for it.
import "./lib/no_such_file.js";
